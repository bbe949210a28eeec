import { expect, it } from 'vitest';
import { Random } from './random.ts';

it('repeats itself for a seed, and only for that', () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.between(0, 1000));
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

it('keeps to ranges and weights', () => {
  const random = new Random(1);
  const counts = { often: 0, seldom: 0, never: 0 };
  for (let round = 0; round < 4000; round += 1) {
    const value = random.between(3, 5);
    expect(value).toBeGreaterThanOrEqual(3);
    expect(value).toBeLessThanOrEqual(5);
    const name = random.weighted([
      [3, 'often'],
      [0, 'never'],
      [1, 'seldom'],
    ] as const);
    if (name) counts[name] += 1;
  }
  expect(counts.never).toBe(0);
  expect(counts.often / counts.seldom).toBeGreaterThan(2);
  expect(counts.often / counts.seldom).toBeLessThan(4);
});
