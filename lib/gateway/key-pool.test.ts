import { expect, test } from 'vitest';
import { createKeyPool, retryAfterMs } from './key-pool.ts';

const a = { secret: 'a', weight: 3 };
const b = { secret: 'b', weight: 1 };

function pool(keys = [a, b]) {
  const clock = { time: 1000, random: 0 };
  return { clock, pool: createKeyPool(keys, { now: () => clock.time, random: () => clock.random }) };
}

test('takes keys in proportion to their weights', () => {
  const { clock, pool: keys } = pool();
  const counts = { a: 0, b: 0 };
  for (let step = 0; step < 100; step++) {
    clock.random = step / 100;
    counts[keys.pick()?.secret === 'a' ? 'a' : 'b']++;
  }
  expect(counts).toEqual({ a: 75, b: 25 });
});

test.each([
  [401, null, 5 * 60_000],
  [429, null, 10_000],
  [429, 1500, 1500],
  [503, null, 2000],
])('lets a key rest after %s', (status, after, rest) => {
  const { clock, pool: keys } = pool();
  keys.answered(a, status, after);
  clock.time += rest - 1;
  expect(keys.pick()).toBe(b);
  clock.time += 1;
  expect(keys.pick()).toBe(a);
});

test('takes the key that rests the shortest when all rest, and none that was tried', () => {
  const { pool: keys } = pool();
  keys.answered(a, 401, null);
  keys.answered(b, 429, null);
  expect(keys.pick()).toBe(b);
  expect(keys.pick(new Set([b]))).toBe(a);
  expect(keys.pick(new Set([a, b]))).toBeNull();
  const { pool: single } = pool([a]);
  single.answered(a, 401, null);
  expect(single.pick()).toBe(a);
});

test('reads how long a provider wants to be left alone', () => {
  const of = (headers: Record<string, string>) => retryAfterMs((name) => headers[name], 0);
  expect(of({ 'retry-after-ms': '250', 'retry-after': '9' })).toBe(250);
  expect(of({ 'retry-after': '9' })).toBe(9000);
  expect(of({ 'retry-after': new Date(5000).toUTCString() })).toBe(5000);
  expect(of({ 'retry-after': 'soon' })).toBeNull();
  expect(of({})).toBeNull();
});
