import { agentAnswers, agentExists, agentIsGone } from '../checks/agents.ts';
import { committed, ended, fileIs, healthy } from '../checks/project.ts';
import type { Task } from '../task.ts';
import { replaceIn } from './sabotage.ts';

const CREATE = { say: 'Create an agent called hello that says hello.' };
const FILE = 'src/mastra/agents/hello.ts';

export const historyTasks: readonly Task[] = [
  {
    name: 'undo',
    demo: true,
    turns: [CREATE, { say: 'Undo that' }],
    checks: [agentIsGone('hello'), fileIs(FILE, undefined), agentAnswers('assistant'), healthy, committed],
    sabotage: {
      how: async (workspace) => workspace.write(FILE, 'export const hello = 1;\n'),
      caughtBy: `${FILE} is not there`,
    },
  },
  {
    name: 'undo-by-click',
    demo: true,
    turns: [CREATE, { click: 'undo' }],
    checks: [agentIsGone('hello'), fileIs(FILE, undefined), healthy, committed],
  },
  {
    name: 'redo-by-click',
    demo: true,
    turns: [CREATE, { click: 'undo' }, { click: 'redo' }],
    checks: [agentExists('hello'), agentAnswers('hello'), healthy, committed],
    sabotage: {
      how: replaceIn('src/mastra/agents/index.ts', /, hello\b/, ''),
      caughtBy: 'agent hello exists',
    },
  },
  {
    name: 'stop',
    demo: true,
    turns: [{ say: 'Count to 1000, each number on its own. Use no tools.', stop: true }],
    checks: [ended('stopped'), healthy, committed],
  },
  {
    name: 'go-on-after-stop',
    demo: true,
    turns: [{ say: 'Count to 1000, each number on its own. Use no tools.', stop: true }, CREATE],
    checks: [ended('done'), agentAnswers('hello'), healthy, committed],
  },
];
