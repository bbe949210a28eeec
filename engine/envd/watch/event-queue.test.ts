import { expect, it } from 'vitest';
import { EventQueue } from './event-queue.ts';
import type { FilesystemEvent } from './messages.ts';
import { MAX_EVENTS } from './watched-tree.ts';

const events = (count: number): FilesystemEvent[] =>
  Array.from({ length: count }, (_, index) => ({ name: String(index), type: 'EVENT_TYPE_CREATE' }));

it('gives each event once, in order', () => {
  const queue = new EventQueue(false);
  queue.push(events(2));
  queue.push(events(1));
  expect(queue.take().map(({ name }) => name)).toEqual(['0', '1', '0']);
  expect(queue.take()).toEqual([]);
});

it.each([
  [false, MAX_EVENTS],
  [true, MAX_EVENTS / 8],
])('with entries: %s, it says so for ever when more than %d came that nobody took', (withEntries, limit) => {
  const queue = new EventQueue(withEntries);
  queue.push(events(limit));
  expect(queue.error).toBeUndefined();
  queue.push(events(1));
  queue.push(events(1));
  for (let time = 0; time < 2; time++) expect(() => queue.take()).toThrow(/overflow/);
});
