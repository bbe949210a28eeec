import { agentAnswers, agentHasTool } from '../checks/agents.ts';
import { committed, ended, healthy, live, typesFit } from '../checks/project.ts';
import { toolReturns } from '../checks/tools.ts';
import { check, expectThat, type Task } from '../task.ts';
import { put, replaceIn } from './sabotage.ts';

const kept = [healthy, committed, live, typesFit];
const agentsIndex = (file: string) => `import { assistant } from './${file}';

/** Every agent that Studio and the API should know. */
export const agents = { assistant };
`;
const DOUBLE = (result: string) => `import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

export const double = createTool({
  id: 'double',
  description: 'Doubles a number.',
  inputSchema: z.object({ value: z.number() }),
  outputSchema: z.object({ value: z.number() }),
  execute: async ({ value }) => ({ value: ${result} }),
});
`;
const TOOLS = `import { currentTime } from './current-time';
import { double } from './double';

export const tools = { currentTime, double };
`;
const MCP_SERVER = `import { createInterface } from 'node:readline';

// A server of the Model Context Protocol on standard input and output, without a library.
const tool = {
  name: 'secret_word',
  description: 'Tells the secret word of the day.',
  inputSchema: { type: 'object', properties: {} },
};
const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'oracle', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools: [tool] }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'marzipan' }] }),
  ping: () => ({}),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const result = results[method]?.(params ?? {});
  const answer = result ? { result } : { error: { code: -32601, message: 'unknown method' } };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\\n');
}
`;

export const repairTasks: readonly Task[] = [
  {
    name: 'fix-import',
    demo: true,
    setUp: put({ 'src/mastra/agents/index.ts': agentsIndex('asistant') }, false),
    turns: [{ say: 'The project does not start. Fix it.' }],
    checks: [agentAnswers('assistant'), ...kept],
    sabotage: {
      how: async (workspace) => workspace.write('src/mastra/agents/index.ts', agentsIndex('assistent')),
      caughtBy: 'the server is healthy',
    },
  },
  {
    name: 'fix-type',
    demo: false,
    setUp: put({ 'src/mastra/tools/double.ts': DOUBLE('`${value * 2}`'), 'src/mastra/tools/index.ts': TOOLS }),
    turns: [{ say: 'The tool double has a type error. Fix it.' }],
    checks: [toolReturns('double', { value: 21 }, { value: 42 }), ...kept],
  },
  {
    name: 'fix-exit',
    demo: false,
    setUp: put({ 'src/mastra/agents/index.ts': `process.exit(1);\n${agentsIndex('assistant')}` }, false),
    turns: [{ say: 'The project does not start any more. Find out why and fix it.' }],
    checks: [agentAnswers('assistant'), ...kept],
  },
  {
    name: 'wire-mcp-server',
    demo: false,
    setUp: put({ 'mcp/oracle.mjs': MCP_SERVER }),
    turns: [
      {
        say: 'mcp/oracle.mjs is an MCP server on standard input and output; start it with node. Create an agent with the id oracle that has its tools.',
      },
    ],
    checks: [agentHasTool('oracle', /secret_?word/i), agentAnswers('oracle'), healthy, committed],
  },
  {
    name: 'many-files',
    demo: true,
    setUp: async (workspace) => {
      await workspace.run(
        'mkdir -p notes && for i in $(seq 1 1000); do echo "Note $i" > notes/$i.md; done && git add notes && git commit -qm "Add a thousand notes"',
      );
    },
    turns: [{ say: 'Create an agent called archivist that says what is in the notes.' }],
    checks: [
      agentAnswers('archivist'),
      check('the notes are untouched', async ({ workspace }) => {
        const { output } = await workspace.run('ls notes | wc -l; git log --format=%s -- notes | wc -l');
        expectThat(/^1000\s+1\s*$/.test(output), output);
      }),
      ...kept,
    ],
    sabotage: {
      how: replaceIn('src/mastra/agents/index.ts', /, archivist\b/, ''),
      caughtBy: 'agent archivist answers',
    },
  },
  {
    name: 'merge-in-progress',
    demo: true,
    setUp: async (workspace) => {
      const { exitCode, output } = await workspace.run(
        [
          'branch=$(git symbolic-ref --short HEAD)',
          'echo base > list.txt && git add list.txt && git commit -qm "Add a list"',
          'git checkout -q -b side && echo theirs > list.txt && git commit -qam "Change it there"',
          'git checkout -q "$branch" && echo ours > list.txt && git commit -qam "Change it here"',
          'git merge side; git branch -D side >/dev/null; test -f .git/MERGE_HEAD',
        ].join('\n'),
      );
      if (exitCode !== 0) throw new Error(output);
    },
    turns: [{ say: 'Create an agent called hello that says hello.' }],
    checks: [
      check('the merge is as the person left it', async ({ workspace }) => {
        const list = (await workspace.read('list.txt')) ?? '';
        const { output } = await workspace.run('test -f .git/MERGE_HEAD && git diff --name-only --diff-filter=U');
        expectThat(list.includes('<<<<<<<') && list.includes('theirs'), `list.txt is ${JSON.stringify(list)}`);
        expectThat(output.includes('list.txt'), 'the merge is over');
      }),
      ended('done', 'failed'),
      healthy,
    ],
    sabotage: {
      how: async (workspace) => void (await workspace.run('git merge --abort || git reset -q --hard')),
      caughtBy: 'the merge is as the person left it',
    },
  },
];
