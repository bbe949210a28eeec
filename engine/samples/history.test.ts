import { expect, it } from 'vitest';
import { History, type Sample } from './history.ts';

const sample = (at: number): Sample => ({
  ...{ at, cpuUsedPct: 0, cpuCount: 1, memUsed: 0, memCache: 0, memTotal: 0, diskUsed: 0, diskTotal: 0 },
});

it('stays within its room, and forgets old details first', () => {
  const history = new History(8);
  for (let at = 0; at < 1000; at += 1) history.add(sample(at));
  const kept = history.between(-Infinity, Infinity).map(({ at }) => at);
  expect(kept.length).toBeLessThanOrEqual(8);
  expect(kept).toEqual(kept.toSorted((a, b) => a - b));
  expect(kept[0]).toBe(0);
  expect(kept.slice(-3)).toEqual([997, 998, 999]);
  expect(history.latest?.at).toBe(999);
});

it('finds a range with both its ends', () => {
  const history = new History();
  for (const at of [1, 2, 3, 4]) history.add(sample(at));
  expect(history.between(2, 3).map(({ at }) => at)).toEqual([2, 3]);
});
