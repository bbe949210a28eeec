import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createUsageReader } from './cgroup-usage.ts';

let root: string;
const put = async (file: string, text: string) => {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
};
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'usage-'));
});
afterEach(() => rm(root, { recursive: true }));

it('reads cgroup v1', async () => {
  await put('memory/x/i1/memory.usage_in_bytes', '5000\n');
  await put('memory/x/i1/memory.stat', 'cache 1\nrss 2\ntotal_cache 3000\n');
  await put('cpuacct/x/i1/cpuacct.usage', '7000000\n');
  await put('pids/x/i1/pids.current', '4\n');
  const read = createUsageReader(root);
  expect(read('/x/i1')).toEqual({ cpuUsec: 7000, memoryBytes: 5000, cacheBytes: 3000, processes: 4 });
  expect(read('/x/i2')).toBeNull();
});

it('reads cgroup v2', async () => {
  await put('cgroup.controllers', 'cpu memory pids\n');
  await put('x/i1/memory.current', '5000\n');
  await put('x/i1/memory.stat', 'anon 1\nfile 3000\nfile_mapped 9\n');
  await put('x/i1/cpu.stat', 'usage_usec 7000\nuser_usec 1\n');
  await put('x/i1/pids.current', '4\n');
  const read = createUsageReader(root);
  expect(read('/x/i1')).toEqual({ cpuUsec: 7000, memoryBytes: 5000, cacheBytes: 3000, processes: 4 });
  expect(read('/x/i2')).toBeNull();
});
