import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCgroups, type Cgroups } from './cgroup.ts';
import { command } from './command.ts';
import { waitUntil } from './wait.ts';

/**
 * The adapter of version 2 against the kernel's own files. Where controllers belong to version 1 (hybrid hosts) freezing,
 * killing and moving are all that there is; limits are the OCI runtime's part.
 */
let root: string;
let cgroups: Cgroups;
const children: ChildProcess[] = [];
const parent = `/shmtest-${process.pid}`;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'cgroup2-'));
  await command('mount', ['-t', 'cgroup2', 'none', root]);
  cgroups = createCgroups(root);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await cgroups?.kill(parent, 5000);
  await cgroups?.remove(parent);
  await command('umount', [root]);
  await rmdir(root);
});

/** A process in a new cgroup that starts others all the time. */
async function busy(name: string): Promise<string> {
  const cgroup = `${parent}/${name}`;
  mkdirSync(path.join(root, cgroup, 'below'), { recursive: true });
  const child = spawn('sh', ['-c', 'read go; sleep 600 & while :; do sleep 0.001; done'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  children.push(child);
  writeFileSync(path.join(root, cgroup, 'cgroup.procs'), String(child.pid));
  child.stdin.write('go\n');
  await waitUntil(() => cgroups.processes(cgroup).length > 1, 5000);
  return cgroup;
}

const ticks = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ').slice(13, 17).join(' ');

it('freezes what forks, lets it go on, and kills it frozen', async () => {
  expect(cgroups.version).toBe(2);
  const cgroup = await busy('a');
  await cgroups.freeze(cgroup);
  expect(cgroups.isFrozen(cgroup)).toBe(true);
  const frozen = cgroups.processes(cgroup);
  const [first = 0] = frozen;
  const before = ticks(first);
  expect(await waitUntil(() => ticks(first) !== before, 200, 10)).toBe(false);
  expect(cgroups.processes(cgroup)).toEqual(frozen);
  cgroups.thaw(cgroup);
  expect(cgroups.isFrozen(cgroup)).toBe(false);
  expect(await waitUntil(() => ticks(first) !== before, 5000, 10)).toBe(true);

  await cgroups.freeze(cgroup);
  expect(await cgroups.kill(cgroup, 5000)).toBe(true);
  expect(cgroups.processes(cgroup)).toEqual([]);
});

it('counts and kills what is in cgroups below, and removes all', async () => {
  const cgroup = await busy('b');
  const [first = 0] = cgroups.processes(cgroup);
  writeFileSync(path.join(root, cgroup, 'below/cgroup.procs'), String(first));
  expect(cgroups.processes(cgroup)).toContain(first);
  expect(await cgroups.kill(cgroup, 5000)).toBe(true);
  expect(cgroups.children(parent).toSorted()).toEqual(['a', 'b']);
  await cgroups.remove(parent);
  expect(cgroups.children(parent)).toEqual([]);
});
