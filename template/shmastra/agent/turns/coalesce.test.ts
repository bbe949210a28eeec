import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Chunk } from './chunks.ts';
import { Coalescer } from './coalesce.ts';

let emitted: Chunk[];
let coalescer: Coalescer;
const text = (delta: string, id = 't'): Chunk => ({ type: 'text-delta', id, delta });

beforeEach(() => {
  vi.useFakeTimers();
  emitted = [];
  coalescer = new Coalescer((chunk) => emitted.push(chunk));
});
afterEach(() => void vi.useRealTimers());

test('joins pieces of one part that follow each other closely', () => {
  coalescer.push(text('He'));
  coalescer.push(text('llo'));
  expect(emitted).toEqual([]);
  vi.runAllTimers();
  expect(emitted).toEqual([text('Hello')]);
});

test('keeps the order, and parts apart', () => {
  coalescer.push(text('a'));
  coalescer.push(text('b', 'other'));
  coalescer.push({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{' });
  coalescer.push({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '}' });
  coalescer.push({ type: 'finish-step' });
  expect(emitted).toEqual([
    text('a'),
    text('b', 'other'),
    { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{}' },
    { type: 'finish-step' },
  ]);
  vi.runAllTimers();
  expect(emitted).toHaveLength(4);
});

test('does not let a piece grow without end', () => {
  for (let index = 0; index < 10; index++) coalescer.push(text('x'.repeat(1000)));
  expect(emitted.length).toBeGreaterThan(1);
});
