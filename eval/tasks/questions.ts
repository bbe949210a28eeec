import { agentExists, agentIsTold } from '../checks/agents.ts';
import { committed, healthy, live, unchanged } from '../checks/project.ts';
import { inEnvironment, notInHistory, notInTranscript } from '../checks/secrets.ts';
import { toolReturns } from '../checks/tools.ts';
import { check, expectThat, type Task } from '../task.ts';
import { replaceIn } from './sabotage.ts';

const SECRET = 'sk-evaluation-3b1f77d0c2a94e58';
const ASK_FOR_KEY =
  'Connect Acme, it needs the key ACME_API_KEY. Ask me for it, then add a tool with the id acme-status, without input, that returns { connected: boolean }: whether that variable is set.';

export const questionTasks: readonly Task[] = [
  {
    name: 'ask-person',
    demo: true,
    turns: [{ say: 'Ask me for my favourite colour, then create an agent called painter that knows it.' }],
    answers: { question: 'Turquoise' },
    checks: [agentExists('painter'), agentIsTold('painter', /turquoise/i), healthy, committed, live],
    sabotage: {
      how: replaceIn('src/mastra/agents/painter.ts', /turquoise/gi, 'grey'),
      caughtBy: 'agent painter is told turquoise',
    },
  },
  {
    name: 'ask-for-key',
    demo: true,
    turns: [{ say: ASK_FOR_KEY }],
    answers: { variables: { ACME_API_KEY: SECRET } },
    checks: [
      inEnvironment('ACME_API_KEY', SECRET),
      toolReturns('acme-status', {}, { connected: true }),
      notInTranscript(SECRET),
      notInHistory(SECRET),
      healthy,
      committed,
    ],
    sabotage: {
      how: async (workspace) =>
        void (await workspace.run(`echo ${SECRET} > notes.txt && git add notes.txt && git commit -qm "Leak it"`)),
      caughtBy: 'the secret is not in the history',
    },
  },
  {
    name: 'key-skipped',
    demo: true,
    turns: [{ say: ASK_FOR_KEY }],
    checks: [
      check('no value was made up', async ({ workspace }) => {
        const text = (await workspace.read('.env')) ?? '';
        expectThat(!/^ACME_API_KEY=\S/m.test(text), `.env is ${JSON.stringify(text)}`);
      }),
      healthy,
      committed,
    ],
    sabotage: {
      how: async (workspace) => workspace.write('.env', 'ACME_API_KEY=made-up\n'),
      caughtBy: 'no value was made up',
    },
  },
  {
    name: 'question-without-change',
    demo: true,
    turns: [{ say: 'What is in README.md? Change nothing.' }],
    checks: [unchanged, healthy],
    sabotage: {
      how: replaceIn('src/mastra/agents/assistant.ts', /friendly/, 'rude'),
      caughtBy: 'the sources are unchanged',
    },
  },
];
