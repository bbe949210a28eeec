import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findCgroupAccounts } from './cgroup-accounts.ts';

let root: string;
const put = async (file: string, content = '') => {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), content);
};
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'cgroup-'));
});
afterEach(() => rm(root, { recursive: true }));

const limits = () => findCgroupAccounts(root).diskThroughput;

it('finds the accounts of version 1 by their files', async () => {
  expect(limits()).toBe(false);
  findCgroupAccounts(root).limitSocketMemory('/e/s', 2);
  await put('blkio/blkio.throttle.write_iops_device');
  await put('memory/e/s/memory.kmem.tcp.limit_in_bytes', '9223372036854771712');
  expect(limits()).toBe(true);
  findCgroupAccounts(root).limitSocketMemory('/e/s', 2);
  expect(await readFile(path.join(root, 'memory/e/s/memory.kmem.tcp.limit_in_bytes'), 'utf8')).toBe('2097152');
});

it('finds those of version 2 among its controllers, where sockets are memory', async () => {
  await put('cgroup.controllers', 'cpu io memory pids\n');
  expect(limits()).toBe(true);
  await put('cgroup.controllers', 'cpu memory pids\n');
  expect(limits()).toBe(false);
});
