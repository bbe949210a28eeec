import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { UIMessageChunk } from 'ai';
import type { TurnLog } from './turn-log.ts';

export type Play = (turn: TurnLog, data: DataWriter) => Promise<'done' | 'stopped' | 'failed'>;
export type DataWriter = (type: string, data: unknown, id?: string) => void;

export const PATCH = `--- /dev/null
+++ b/src/mastra/agents/hello.ts
@@ -0,0 +1,18 @@
+import { Agent } from '@mastra/core/agent';
+
+/** Says hello in one sentence. */
+export const hello = new Agent({
+  id: 'hello',
+  name: 'Hello',
+  instructions: [
+    'You say hello.',
+    'Answer in one sentence.',
+    'Be friendly, and name the person if you know the name.',
+  ].join(' '),
+  model: process.env.SHMASTRA_MODEL_GENERAL ?? 'openai/gpt-5-mini',
+  defaultOptions: {
+    maxSteps: 3,
+  },
+});
+
+export default hello;
`;

export function text(turn: TurnLog, words: string, id = randomUUID()): void {
  turn.emit({ type: 'text-start', id });
  for (const piece of words.match(/[\s\S]{1,24}/g) ?? []) turn.emit({ type: 'text-delta', id, delta: piece });
  turn.emit({ type: 'text-end', id });
}

function call(turn: TurnLog, toolName: string, input: unknown): string {
  const toolCallId = randomUUID();
  turn.emit(
    { type: 'tool-input-start', toolCallId, toolName },
    { type: 'tool-input-available', toolCallId, toolName, input },
  );
  return toolCallId;
}

function result(turn: TurnLog, toolCallId: string, output: unknown): void {
  turn.emit({ type: 'tool-output-available', toolCallId, output });
}

const plan = (...states: ('todo' | 'doing' | 'done')[]) => ({
  items: ['Look at the project', 'Write the agent', 'Register it', 'Check and apply', 'Try it out'].map(
    (item, index) => ({
      id: String(index),
      text: item,
      state: states[index] ?? 'todo',
    }),
  ),
});

const stages = (types: 'running' | 'ok' | 'failed', imports: 'running' | 'ok' | 'skipped', errors: unknown[] = []) => [
  { stage: 'bundle', state: 'ok', ms: 14, errors: [] },
  { stage: 'types', state: types, ms: types === 'running' ? 0 : 1240, errors },
  { stage: 'import', state: imports, ms: imports === 'ok' ? 310 : 0, errors: [] },
];

const ERROR = {
  message: "Property 'instruction' does not exist in type 'AgentConfig'. Did you mean 'instructions'?",
  file: 'src/mastra/agents/hello.ts',
  line: 12,
  column: 3,
};

/** The whole of a turn: reads, a failed check, the mend, a commit. */
const create: Play = async (turn, data) => {
  data('data-plan', plan('doing'), 'plan');
  text(turn, 'I look at what is there first.');
  for (const path of ['src/mastra/index.ts', 'src/mastra/agents/index.ts', 'package.json']) {
    const id = call(turn, 'read_file', { path });
    await delay(15);
    result(turn, id, { content: 'export const agents = {};\n', lines: 1 });
  }
  data('data-plan', plan('done', 'doing'), 'plan');
  const write = call(turn, 'write_file', { path: 'src/mastra/agents/hello.ts', content: PATCH });
  await delay(60);
  result(turn, write, { lines: 18 });
  data('data-plan', plan('done', 'done', 'done', 'doing'), 'plan');
  const check = randomUUID();
  data('data-check', { ok: false, stages: stages('running', 'running') }, check);
  await delay(40);
  data('data-check', { ok: false, stages: stages('failed', 'skipped', [ERROR]) }, check);
  text(turn, 'The name of that option is wrong. I mend it.');
  const edit = call(turn, 'edit_file', { path: 'src/mastra/agents/hello.ts' });
  await delay(20);
  result(turn, edit, { lines: 1 });
  const again = randomUUID();
  data('data-check', { ok: true, stages: stages('ok', 'ok') }, again);
  const run = call(turn, 'run_agent', { agent: 'hello', prompt: 'Hi' });
  await delay(30);
  result(turn, run, { text: 'Hello! Nice to meet you.' });
  data('data-plan', plan('done', 'done', 'done', 'done', 'done'), 'plan');
  text(turn, MARKDOWN);
  return 'done';
};

const MARKDOWN = `Your agent **Hello** is ready. It answers in one sentence:

\`\`\`ts
const answer = await hello.generate('Hi');
console.log(answer.text); // a line that is long enough to scroll sideways in a narrow panel
\`\`\`

- It uses the *general* tier, see [the docs](https://mastra.ai/docs).
- A link that must not work: [click](javascript:alert(1)) and <b onclick="alert(1)">HTML</b>.

![tracking](https://evil.example/pixel.png)

| Model | Tier |
| --- | --- |
| gpt-5-mini | general |
`;

export const PLAYS: Record<string, Play> = {
  create,
  /** Runs until it is stopped. */
  slow: async (turn, data) => {
    data('data-plan', plan('done', 'doing'), 'plan');
    text(turn, 'This takes a while. ');
    call(turn, 'run_command', { command: 'npm run build -- --verbose' });
    await turn.untilStopped();
    data('data-notice', { kind: 'stopped', message: 'Stopped. What was done is kept.' });
    return 'stopped';
  },
  /** Says a hundred numbered lines, a few at a time. */
  count: async (turn) => {
    const id = randomUUID();
    turn.emit({ type: 'text-start', id });
    for (let line = 1; line <= 100; line++) {
      turn.emit({ type: 'text-delta', id, delta: `line-${line}.\n\n` });
      if (line % 5 === 0) await delay(20);
    }
    turn.emit({ type: 'text-end', id });
    return 'done';
  },
  question: async (turn, data) => {
    const question = {
      id: 'q1',
      question: 'Which city should the weather tool use?',
      options: ['Berlin', 'Lisbon', 'Ask each time'],
      multiple: false,
    };
    data('data-turn', { verb: 'Waiting for your answer', state: 'asking' });
    data('data-question', { ...question, state: 'open' }, 'q1');
    const answer = await turn.answer('q1');
    const given = typeof answer === 'object' && answer !== null && 'answer' in answer ? answer.answer : null;
    data(
      'data-question',
      { ...question, state: given ? 'answered' : 'skipped', ...(given ? { answer: given } : {}) },
      'q1',
    );
    text(turn, given ? `I take ${String(given)}.` : 'I go on without.');
    return 'done';
  },
  env: async (turn, data) => {
    const request = {
      id: 'e1',
      variables: [
        {
          name: 'WEATHER_API_KEY',
          why: 'To ask the weather service. Free keys are at its sign-up page.',
          secret: true,
        },
        { name: 'WEATHER_UNITS', why: 'metric or imperial', secret: false },
      ],
    };
    data('data-turn', { verb: 'Waiting for your answer', state: 'asking' });
    data('data-env', { ...request, state: 'open' }, 'e1');
    const answer = await turn.answer('e1');
    const values =
      typeof answer === 'object' && answer !== null && 'values' in answer
        ? Object.keys(Object(answer.values)).length
        : 0;
    data('data-env', { ...request, state: values ? 'saved' : 'skipped', ...(values ? { saved: values } : {}) }, 'e1');
    text(turn, values ? 'Saved, thank you.' : 'I leave the key out.');
    return 'done';
  },
  fail: async (turn, data) => {
    const id = call(turn, 'run_command', { command: 'npm test' });
    turn.emit({ type: 'tool-output-error', toolCallId: id, errorText: 'sh: 1: vitest: not found' });
    data('data-notice', {
      kind: 'provider',
      message: 'The model provider does not answer.',
      next: 'Your work is kept.',
    });
    return 'failed';
  },
  /** Is cut off as by a crash of the agent: what it did is kept after it said so, and does not go live. */
  interrupted: async (turn, data) => {
    const write = call(turn, 'write_file', { path: 'src/mastra/agents/hello.ts', content: PATCH });
    turn.emit({
      type: 'tool-output-error',
      toolCallId: write,
      errorText: 'The turn ended before this was done.',
    });
    data('data-notice', {
      kind: 'error',
      message: 'The agent was interrupted. What was done until then is kept.',
      next: 'Say “go on” to continue.',
    });
    data('data-check', { ok: false, stages: stages('running', 'running') });
    const commit = {
      hash: 'c1',
      message: 'Half an agent',
      files: 1,
      added: 18,
      removed: 0,
      kind: 'edits',
      by: 'agent',
    };
    data('data-commit', { ...commit, at: new Date().toISOString(), live: null, open: null, undoable: false });
    return 'failed';
  },
  /** Is left by a restart while it asks for two things. */
  restarted: async (turn, data) => {
    const question = { question: 'Which city should the weather tool use?', options: ['Berlin'], multiple: false };
    const variables = [{ name: 'WEATHER_API_KEY', why: 'To ask the weather service.', secret: true }];
    for (const id of [call(turn, 'ask_user', question), call(turn, 'ask_env_vars', { variables })])
      turn.emit({ type: 'tool-output-error', toolCallId: id, errorText: 'The turn ended before this was done.' });
    data('data-question', { ...question, id: 'q2', state: 'skipped' }, 'q2');
    data('data-env', { id: 'e2', variables, state: 'skipped' }, 'e2');
    data('data-notice', {
      kind: 'error',
      message: 'The agent was interrupted. What was done until then is kept.',
      next: 'Say “go on” to continue.',
    });
    return 'failed';
  },
  limit: async (_turn, data) => {
    const retryAt = new Date(Date.now() + 42_000).toISOString();
    data('data-notice', { kind: 'rate_limit', message: 'The provider limits the rate of requests.', retryAt });
    return 'failed';
  },
  budget: async (_turn, data) => {
    data('data-notice', { kind: 'budget', message: 'Budget spent: $20.00 of $20.00. Resets 1 June.' });
    return 'failed';
  },
  warn: async (turn, data) => {
    data('data-notice', { kind: 'budget', message: '80% of the budget is used: $16.10 of $20.00.' });
    text(turn, 'Done.');
    return 'done';
  },
  say: async (turn) => {
    text(turn, 'Hello from the double.');
    return 'done';
  },
};

export type { UIMessageChunk };
