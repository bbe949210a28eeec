import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createCgroups } from './cgroup.ts';

const ROOT = '/sys/fs/cgroup';
const hierarchies = ['blkio', 'freezer', 'memory'];

it.skipIf(createCgroups().version !== 1)(
  'ends what has joined some of the hierarchies alone, and removes all of them while it goes',
  async () => {
    const parent = `/shmastra-test-${process.pid}`;
    const folders = hierarchies.map((name) => `${ROOT}/${name}${parent}/half`);
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    const child = spawn('python3', [
      '-c',
      'b = bytearray(300 << 20); print("there", flush=True); import time; time.sleep(60)',
    ]);
    await once(child.stdout, 'data');
    writeFileSync(`${folders[0]}/cgroup.procs`, String(child.pid));
    const cgroups = createCgroups();
    const ended = once(child, 'exit');
    expect(await cgroups.kill(`${parent}/half`, 5000)).toBe(true);
    await cgroups.remove(parent);
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
    expect(await ended).toEqual([null, 'SIGKILL']);
  },
);
