import { expect, test } from 'vitest';
import { createPlanner } from './planner.ts';
import type { Script } from './script.ts';
import { SCRIPTS } from './scripts/index.ts';
import { emptyPrompt } from './testing/prompts.ts';
import type { Message, Tool, Turn } from './turn.ts';

const plan = createPlanner(SCRIPTS);
const currentTime: Tool = {
  name: 'currentTime',
  description: 'Tells the current date and time in a time zone.',
  parameters: { type: 'object', properties: { timeZone: { type: 'string', default: 'UTC' } } },
};
const ask = (text: string, more: Partial<Parameters<typeof plan>[0]> = {}): Turn =>
  plan({ ...emptyPrompt, messages: [{ role: 'user', text }], ...more });
const textOf = (turn: Turn): string => turn.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
const called = (turn: Turn) => turn.parts.filter((part) => part.type === 'tool_call');
const afterCall = (question: string, name: string, content: string, failed = false): Message[] => [
  { role: 'user', text: question },
  { role: 'assistant', text: '', calls: [{ id: 'c1', name, arguments: '{}' }] },
  { role: 'tool', results: [{ callId: 'c1', name, content, failed }] },
];

test('a question without a script is repeated and marked as a demo once', () => {
  const text = textOf(ask('Why is the sky blue?'));
  expect(text).toBe(
    'Demo model: scripted answers. You asked: “Why is the sky blue?” Add a provider key to get a real answer.',
  );
});

test('a question about the time calls the tool that tells it, then passes on its answer', () => {
  const question = 'What time is it in Berlin?';
  const first = ask(question, { tools: [currentTime] });
  expect(first.finish).toBe('tool_calls');
  expect(first.parts).toEqual([{ type: 'tool_call', name: 'currentTime', arguments: { timeZone: 'Europe/Berlin' } }]);

  const result = JSON.stringify({ iso: '2026-05-01T10:00:00Z', local: 'Friday, 12:00', timeZone: 'Europe/Berlin' });
  const second = ask(question, { tools: [currentTime], messages: afterCall(question, 'currentTime', result) });
  expect(textOf(second)).toBe('Demo model: it is Friday, 12:00 (Europe/Berlin).');
  expect(second.finish).toBe('stop');
});

test('without the tool, or told to use none, it answers in words', () => {
  expect(textOf(ask('What time is it?'))).toContain('scripted answers');
  expect(called(ask('What time is it?', { tools: [currentTime], toolChoice: 'none' }))).toEqual([]);
});

test("people's own tools are called by what their names say", () => {
  const tools: Tool[] = [
    { name: 'updateWorkingMemory', description: 'Updates the memory.', parameters: {} },
    {
      name: 'roll-dice-tool',
      description: 'Rolls.',
      parameters: { type: 'object', properties: { sides: { type: 'integer' } }, required: ['sides'] },
    },
  ];
  expect(ask('Roll a dice with 20 sides', { tools }).parts).toEqual([
    { type: 'tool_call', name: 'roll-dice-tool', arguments: { sides: 20 } },
  ]);
  expect(called(ask('What is the date?', { tools }))).toEqual([]);
});

test('a failed tool is told', () => {
  const messages = afterCall('Weather in Lisbon?', 'getWeather', 'no network', true);
  expect(textOf(ask('', { messages }))).toBe('Demo model: The tool getWeather failed: no network');
});

test('the caller can insist on a tool', () => {
  const tools = [currentTime, { name: 'save', description: '', parameters: {} }];
  expect(called(ask('Hello', { tools, toolChoice: 'required' }))).toHaveLength(1);
  expect(called(ask('Hello', { tools, toolChoice: { name: 'save' } }))).toMatchObject([{ name: 'save' }]);
});

test('structured output fits its schema and is marked inside', () => {
  const outputSchema = {
    type: 'object',
    properties: { title: { type: 'string' }, score: { type: 'number', minimum: 3 }, kind: { enum: ['a', 'b'] } },
    required: ['title', 'score', 'kind'],
  };
  expect(JSON.parse(textOf(ask('Rate this', { outputSchema })))).toEqual({
    title: 'Demo model: scripted value',
    score: 3,
    kind: 'a',
  });
});

test('a limit cuts the text and is counted', () => {
  const turn = ask('Count to 100', { maxTokens: 5 });
  expect(turn).toMatchObject({ finish: 'length', usage: { output: 5 } });
  expect(textOf(turn)).toHaveLength(20);
});

test('a script with several calls goes on where the results end, and is marked once', () => {
  const script: Script = {
    name: 'two steps',
    when: /./,
    steps: [
      { say: 'first I look.' },
      { call: [{ tool: /^read$/ }, { tool: /^list$/ }] },
      { call: { tool: /^write$/, arguments: ({ results }) => ({ copy: results[0]?.content }) } },
      { say: 'done.' },
    ],
  };
  const tools = ['read', 'list', 'write'].map((name) => ({ name, description: '', parameters: {} }));
  const scripted = createPlanner([script]);
  const result = (callId: string) => ({ callId, name: null, content: `from ${callId}`, failed: false });
  const turn = (...results: string[]) =>
    scripted({
      ...emptyPrompt,
      tools,
      messages: [
        { role: 'user', text: 'go' },
        { role: 'tool', results: results.map(result) },
      ],
    }).parts;
  expect(turn()).toMatchObject([{ text: 'Demo model: first I look.' }, { name: 'read' }, { name: 'list' }]);
  expect(turn('1', '2')).toMatchObject([{ name: 'write', arguments: { copy: 'from 1' } }]);
  expect(turn('1', '2', '3')).toMatchObject([{ text: 'done.' }]);
});

test('an agent that a scene wrote says what its instructions say', () => {
  const instructions = 'You are Hello, an agent that says hello.\nAnswer briefly.\nAlso say goodbye.\nBe friendlier.';
  expect(textOf(ask('Hello', { instructions }))).toBe(
    'Demo model: Hello! Goodbye! How nice of you to write! I am Hello, an agent that says hello.',
  );
});

test('a reminder that the agent puts in is not the question', () => {
  const messages: Message[] = [
    { role: 'user', text: 'Count to 3' },
    { role: 'user', text: '<system-reminder>Keep to the plan.</system-reminder>' },
  ];
  expect(textOf(ask('', { messages }))).toBe('Demo model: 1 2 3');
});
