import { expect, test } from 'vitest';
import { createMemory } from '../page/storage.ts';
import { memoryStore } from '../testing/memory-store.ts';
import * as queues from './queue.ts';

const { addToQueue, editQueued, mayFlush, readQueue, removeQueued, returnToQueue, writeQueue } = queues;

const message = (clientId: string, text = clientId): queues.QueuedMessage => ({ clientId, text, attachments: [] });

test('keeps the order, and puts back in front what could not be sent', () => {
  const queue = addToQueue(addToQueue([], message('a')), message('b'));
  const [first, ...rest] = queue;
  expect(first?.clientId).toBe('a');
  expect(returnToQueue(rest, message('a')).map((item) => item.clientId)).toEqual(['a', 'b']);
  expect(returnToQueue(queue, message('a'))).toHaveLength(2);
});

test('edits and removes; an emptied message is a removed one', () => {
  const queue = [message('a'), message('b')];
  expect(editQueued(queue, 'a', 'changed')[0]?.text).toBe('changed');
  expect(editQueued(queue, 'a', '  ')).toEqual([message('b')]);
  expect(removeQueued(queue, 'b')).toEqual([message('a')]);
});

test('takes no more than twenty', () => {
  const many = Array.from({ length: 25 }, (_, index) => message(String(index)));
  expect(many.reduce<queues.QueuedMessage[]>((queue, item) => addToQueue(queue, item), [])).toHaveLength(20);
});

test('sends only when the workspace is there, no turn runs, and nothing holds it', () => {
  const facts = { ready: true, turnRuns: false, held: false, queued: 1 };
  expect(mayFlush(facts)).toBe(true);
  expect(mayFlush({ ...facts, turnRuns: true })).toBe(false);
  expect(mayFlush({ ...facts, ready: false })).toBe(false);
  expect(mayFlush({ ...facts, held: true })).toBe(false);
  expect(mayFlush({ ...facts, queued: 0 })).toBe(false);
});

test('survives a reload by session, and is not fooled by what else lies in storage', () => {
  const store = memoryStore();
  const memory = createMemory(store);
  writeQueue(memory, 's1', [message('a')]);
  expect(readQueue(memory, 's1')).toEqual([message('a')]);
  expect(readQueue(memory, 's2')).toEqual([]);
  store.setItem('shmastra:queue:s1', '[{"clientId":1}]');
  expect(readQueue(memory, 's1')).toEqual([]);
});
