import { expect, test } from 'vitest';
import { createByteBudget } from './byte-budget.ts';

test('is bounded over all and for each, and gives back what was taken', () => {
  const budget = createByteBudget(100, 60);
  expect(budget.take('a', 60)).toBe(true);
  expect(budget.take('a', 1)).toBe(false);
  expect(budget.take('b', 41)).toBe(false);
  expect(budget.take('b', 40)).toBe(true);
  budget.give('a', 60);
  expect(budget.used).toBe(40);
  expect(budget.take('b', 20)).toBe(true);
  expect(budget.take('b', 1)).toBe(false);
});
