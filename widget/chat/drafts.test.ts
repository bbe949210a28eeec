import { expect, test } from 'vitest';
import { createMemory } from '../page/storage.ts';
import { memoryStore } from '../testing/memory-store.ts';
import { createDrafts } from './drafts.ts';

test('keeps a draft for each session, and one for the session to come', () => {
  const store = memoryStore();
  const drafts = createDrafts(createMemory(store));
  drafts.set('a', 'for a');
  drafts.set(null, 'for a new one');
  const afterReload = createDrafts(createMemory(store));
  expect([afterReload.get('a'), afterReload.get(null), afterReload.get('b')]).toEqual(['for a', 'for a new one', '']);
  drafts.set('a', '');
  expect(afterReload.get('a')).toBe('');
});

test('forgets the oldest of more than fifty', () => {
  const drafts = createDrafts(createMemory(memoryStore()));
  for (let index = 0; index < 60; index++) drafts.set(String(index), 'text');
  expect(drafts.get('9')).toBe('');
  expect(drafts.get('10')).toBe('text');
});

test('does without storage', () => {
  const drafts = createDrafts(createMemory(null));
  drafts.set('a', 'lost');
  expect(drafts.get('a')).toBe('');
  const refusing = {
    ...memoryStore(),
    setItem: () => {
      throw new Error('full');
    },
  };
  expect(() => createDrafts(createMemory(refusing)).set('a', 'x')).not.toThrow();
});
