import { tmpdir } from 'node:os';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Usage } from '../runtime/cgroup-usage.ts';
import { Sandbox } from '../sandboxes/sandbox.ts';
import { testRecord } from '../testing/record.ts';
import { Sampler } from './sampler.ts';

const identity = { pid: 1, startTime: '1', bootId: 'x' };

function setUp() {
  const sandbox = new Sandbox(testRecord({ cpuCount: 2, memoryMb: 1, startedAt: 0, process: identity }));
  const state = { now: 10_000, usage: { cpuUsec: 0, memoryBytes: 300, cacheBytes: 100, processes: 1 } as Usage | null };
  const sandboxes = [sandbox];
  const sampler = new Sampler({
    sandboxes: () => sandboxes,
    usage: () => state.usage,
    diskDirectory: () => tmpdir(),
    log: pino({ level: 'silent' }),
    now: () => state.now,
  });
  const round = async (at: number, cpuUsec: number) => {
    state.now = at;
    state.usage = { cpuUsec, memoryBytes: 300, cacheBytes: 100, processes: 1 };
    await sampler.sample();
    return sampler.latest('itest')?.cpuUsedPct;
  };
  return { sandbox, sandboxes, sampler, round };
}

it('counts the share of all CPUs since the sample before, also after a start from disk', async () => {
  const { sampler, round } = setUp();
  expect(await round(10_000, 10_000_000)).toBe(50);
  expect(await round(15_000, 20_000_000)).toBe(100);
  expect(await round(20_000, 1_000_000)).toBe(10);
  expect(sampler.latest('itest')).toMatchObject({ at: 20_000, memUsed: 200, memCache: 100, memTotal: 1_048_576 });
  expect(sampler.latest('itest')?.diskTotal).toBeGreaterThan(0);
});

it('leaves paused sandboxes alone, and forgets those that are gone', async () => {
  const { sandbox, sandboxes, sampler, round } = setUp();
  await round(10_000, 1);
  sandbox.record = { ...sandbox.record, state: 'paused' };
  await round(15_000, 2);
  expect(sampler.between('itest', 0, Infinity)).toHaveLength(1);
  sandboxes.pop();
  await sampler.sample();
  expect(sampler.between('itest', 0, Infinity)).toEqual([]);
});
