import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MetricsReader } from './metrics.ts';

let dir: string;
let now = 10_000;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'cgroup-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));
const write = async (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), `${text}\n`);
  }
};
const MIB = 1024 * 1024;

it('reads the limits and the use of cgroup v2', async () => {
  await write({
    'memory.max': String(512 * MIB),
    'memory.current': String(100 * MIB),
    'memory.stat': `anon 1\nfile ${30 * MIB}`,
    'cpu.max': '150000 100000',
    'cpu.stat': 'usage_usec 1000000\nuser_usec 5',
  });
  const reader = new MetricsReader(() => now, dir);
  expect(reader.read()).toMatchObject({
    ts: 10,
    cpu_count: 2,
    cpu_used_pct: 0,
    mem_total: 512 * MIB,
    mem_used: 70 * MIB,
    mem_used_mib: 70,
    mem_cache: 30 * MIB,
  });
  await write({ 'cpu.stat': 'usage_usec 1750000' });
  now += 1000;
  expect(reader.read().cpu_used_pct).toBe(50);
});

it('reads those of cgroup v1, and the machine where there is no limit', async () => {
  await write({
    'memory/memory.limit_in_bytes': '9223372036854771712',
    'memory/memory.usage_in_bytes': String(9 * MIB),
    'memory/memory.stat': `cache 1\ntotal_cache ${4 * MIB}`,
    'cpu/cpu.cfs_quota_us': '-1',
    'cpuacct/cpuacct.usage': '2000000000',
  });
  const reader = new MetricsReader(() => now, dir);
  const first = reader.read();
  expect(first).toMatchObject({ mem_used: 5 * MIB, mem_cache: 4 * MIB });
  expect(first.mem_total).toBeGreaterThan(512 * MIB);
  expect(first.disk_total).toBeGreaterThan(first.disk_used);
  await write({ 'cpuacct/cpuacct.usage': '2500000000' });
  now += 1000;
  expect(reader.read().cpu_used_pct).toBeCloseTo(50 / first.cpu_count, 1);
});
