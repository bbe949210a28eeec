import { expect, test } from 'vitest';
import { createConcurrencyLimit } from './concurrency.ts';

test('counts each person apart and forgets what ended, once', () => {
  const limit = createConcurrencyLimit(2, 'requests');
  const leave = limit.enter('a');
  limit.enter('a');
  expect(() => limit.enter('a')).toThrow('Too many requests');
  limit.enter('b');
  leave();
  leave();
  limit.enter('a');
  expect(() => limit.enter('a')).toThrow('Too many requests');
});
