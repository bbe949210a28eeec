import { expect, test } from 'vitest';
import type { MessagePart } from '../turns/message-builder.ts';
import { historyForModel } from './history-for-model.ts';
import { fromStored, toStored } from './stored-message.ts';

const thread = { threadId: 't', resourceId: 'r' };
const at = new Date('2026-05-01T10:00:00Z');
const stored = (role: 'user' | 'assistant', parts: MessagePart[], id = 'm') =>
  toStored({ id, role, parts }, thread, at);
const text = (value: string): MessagePart => ({ type: 'text', text: value, state: 'done' });
const parts: MessagePart[] = [
  { type: 'step-start' },
  { type: 'reasoning', text: 'hm', state: 'done' },
  text('Hello'),
  {
    type: 'tool-read_file',
    toolCallId: 'c',
    input: { path: 'a' },
    state: 'output-available',
    output: { content: 'x' },
  },
  { type: 'tool-run_command', toolCallId: 'd', input: {}, state: 'output-error', errorText: 'no' },
  { type: 'data-plan', id: 'plan', data: { items: [] } },
];

test('a message is shown as it was streamed', () => {
  expect(fromStored(stored('assistant', parts)).parts).toEqual(parts);
});

test('a model gets what was said and done, not what was only shown', () => {
  const [message] = historyForModel([stored('assistant', parts)]);
  expect(message?.content.parts.map(({ type }) => type)).toEqual([
    'step-start',
    'text',
    'tool-invocation',
    'tool-invocation',
  ]);
  expect(JSON.stringify(message)).toContain('"result":{"error":"no"}');
});

test('long results and inputs are cut', () => {
  const long = 'x'.repeat(100_000);
  const call: MessagePart = {
    ...{ type: 'tool-write_file', toolCallId: 'c', input: { path: 'a', content: long } },
    ...{ state: 'output-available', output: { content: long } },
  };
  expect(JSON.stringify(historyForModel([stored('assistant', [call])])).length).toBeLessThan(10_000);
});

test('of a long session the newest is kept, from a question on', () => {
  const messages = Array.from({ length: 20 }, (_, index) =>
    stored(index % 2 === 0 ? 'user' : 'assistant', [text(`${index}${'x'.repeat(20_000)}`)], String(index)),
  );
  const kept = historyForModel(messages);
  expect(kept.length).toBeLessThan(12);
  expect(kept[0]?.role).toBe('user');
  expect(kept.at(-1)?.id).toBe('19');
});
