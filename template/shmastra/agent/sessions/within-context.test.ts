import { expect, test } from 'vitest';
import type { MessagePart } from '../turns/message-builder.ts';
import { toStored } from './stored-message.ts';
import { withinContext } from './within-context.ts';

const call = (index: number): MessagePart => ({
  ...{ type: 'tool-read_file', toolCallId: String(index), input: { path: 'a' } },
  ...{ state: 'output-available', output: 'x'.repeat(50_000) },
});
const turn = (calls: number) => [
  toStored(
    { id: 'm', role: 'assistant', parts: Array.from({ length: calls }, (_, index) => call(index)) },
    { threadId: 't', resourceId: 'r' },
    new Date(),
  ),
];

test('leaves a turn of common length alone', () => {
  expect(withinContext(turn(5))).toBeUndefined();
});

test('cuts the oldest results, and keeps the newest', () => {
  const shorter = withinContext(turn(20));
  const results = shorter?.[0]?.content.parts.map((part) =>
    part.type === 'tool-invocation' ? String(part.toolInvocation.result).length : 0,
  );
  expect(results?.[0]).toBeLessThan(100);
  expect(results?.at(-1)).toBe(50_000);
  expect(JSON.stringify(shorter).length).toBeLessThan(260_000);
});
