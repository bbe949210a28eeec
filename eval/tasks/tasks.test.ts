import { expect, test } from 'vitest';
import { TASKS } from './index.ts';

test('tasks have names of their own, checks, and at least 25 of them there are', () => {
  const names = TASKS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(25);
  expect(TASKS.filter(({ checks, turns }) => checks.length === 0 || turns.length === 0)).toEqual([]);
});

test('a sabotage is caught by a check of its task', () => {
  const uncaught = TASKS.filter(
    ({ sabotage, checks }) => sabotage && !checks.some(({ name }) => name === sabotage.caughtBy),
  );
  expect(uncaught.map(({ name }) => name)).toEqual([]);
});

test('every kind of result has a check that is shown to fail', () => {
  expect(TASKS.filter(({ sabotage }) => sabotage).length).toBeGreaterThanOrEqual(15);
});
