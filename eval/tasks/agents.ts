import { z } from 'zod';
import { agentAnswers, agentExists, agentHasTool, agentIsTold, askAgent } from '../checks/agents.ts';
import { committed, healthy, live, typesFit } from '../checks/project.ts';
import { check, expectThat, type Task } from '../task.ts';
import { callJson } from '../workspace.ts';
import { replaceIn } from './sabotage.ts';

const kept = [healthy, committed, live];

export const agentTasks: readonly Task[] = [
  {
    name: 'create-agent',
    demo: true,
    turns: [{ say: 'Create an agent called hello that says hello.' }],
    checks: [agentExists('hello'), agentAnswers('hello'), agentIsTold('hello', /hello/i), ...kept, typesFit],
    sabotage: {
      how: replaceIn('src/mastra/agents/index.ts', /(agents = \{[^}]*)\bhello\b,?/, '$1'),
      caughtBy: 'agent hello exists',
    },
  },
  {
    name: 'change-agent',
    demo: true,
    turns: [{ say: 'Create an agent called greeter that says hello.' }, { say: 'Make it say goodbye too' }],
    checks: [agentIsTold('greeter', /goodbye/i), agentIsTold('greeter', /hello/i), agentAnswers('greeter'), ...kept],
    sabotage: {
      how: replaceIn('src/mastra/agents/greeter.ts', /goodbye/gi, 'nothing'),
      caughtBy: 'agent greeter is told goodbye',
    },
  },
  {
    name: 'agent-remembers',
    demo: true,
    turns: [
      {
        say: 'Create an agent called diary that remembers what people tell it. It keeps a conversation in its memory.',
      },
    ],
    checks: [
      agentExists('diary'),
      check('a conversation with diary is kept', async ({ workspace }) => {
        const memory = { thread: `diary-${Date.now()}`, resource: 'evaluation' };
        await askAgent(workspace, 'diary', 'My dog is called Rex.', { memory });
        await askAgent(workspace, 'diary', 'What is my dog called?', { memory });
        const path = `/api/memory/threads/${memory.thread}/messages?agentId=diary`;
        const { messages } = z.object({ messages: z.array(z.unknown()) }).parse(await callJson(workspace, path));
        expectThat(messages.length >= 4, `of 4 messages ${messages.length} are kept`);
      }),
      ...kept,
    ],
    sabotage: {
      how: replaceIn('src/mastra/agents/diary.ts', /^ *memory: .*\n/m, ''),
      caughtBy: 'a conversation with diary is kept',
    },
  },
  {
    name: 'two-agents',
    demo: true,
    turns: [
      { say: 'Create an agent called north that says which way is north.' },
      { say: 'Create an agent called south that says which way is south.' },
    ],
    checks: [agentAnswers('north'), agentAnswers('south'), agentAnswers('assistant'), ...kept],
  },
  {
    name: 'rename-agent',
    demo: false,
    turns: [
      {
        say: 'Rename the agent assistant to concierge, its id and its file too. Everything that uses it must go on working.',
      },
    ],
    checks: [
      agentExists('concierge'),
      agentAnswers('concierge'),
      check('the workflow that asks it still runs', async ({ workspace }) => {
        const { status } = await workspace.call('/api/workflows/summarize/start-async', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ inputData: { text: 'One sentence. Another one.' } }),
        });
        expectThat(status === 200, `it answers ${status}`);
      }),
      ...kept,
      typesFit,
    ],
  },
  {
    name: 'agent-asks-agent',
    demo: false,
    turns: [
      {
        say: 'Create an agent with the id chief, to which the agent assistant is given as a sub-agent, so that it can hand questions over to it.',
      },
    ],
    checks: [
      agentExists('chief'),
      agentAnswers('chief'),
      check('chief has the assistant at hand', async ({ workspace }) => {
        const told = JSON.stringify(await callJson(workspace, '/api/agents/chief'));
        expectThat(/"agents":\{[^}]*assistant/.test(told), 'assistant is none of its agents');
      }),
      ...kept,
    ],
  },
  {
    name: 'agent-with-tool',
    demo: true,
    turns: [{ say: 'Add a tool with the id roll-dice that rolls dice, and give it to the agent assistant.' }],
    checks: [
      agentHasTool('assistant', /^(rollDice|roll-dice)$/),
      agentHasTool('assistant', /time/i),
      ...kept,
      typesFit,
    ],
    sabotage: {
      how: replaceIn('src/mastra/agents/assistant.ts', /, rollDice/, ''),
      caughtBy: 'agent assistant has tool ^(rollDice|roll-dice)$',
    },
  },
];
