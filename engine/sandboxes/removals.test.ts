import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Removals } from './removals.ts';

it('runs two at a time, makes callers wait when there are many, and says when all are done', async () => {
  const removals = new Removals();
  let running = 0;
  let most = 0;
  let done = 0;
  const task = async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(1);
    running -= 1;
    done += 1;
  };
  for (let count = 0; count < 30; count += 1) await removals.add(task);
  // Nobody has waited for all of them.
  expect(done).toBeLessThan(30);
  for (let count = 0; count < 30; count += 1) await removals.add(task);
  expect(done).toBeGreaterThan(20);
  await removals.settled();
  expect([done, most]).toEqual([60, 2]);
});
