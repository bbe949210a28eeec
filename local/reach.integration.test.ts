import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../scripts/bootstrap/run.mjs';
import { canReach, reachablePath, requireReadable, unmount } from './reach.ts';

const user = { uid: 65_534, gid: 65_534 };
let base = '';
let mountPoint = '';
let checkout = '';

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'reach-'));
  await chmod(base, 0o755);
  mountPoint = path.join(base, 'run', 'app');
  checkout = path.join(base, 'private', 'checkout');
  await mkdir(checkout, { recursive: true });
  await writeFile(path.join(checkout, 'package.json'), '{}');
});

afterEach(async () => {
  await unmount(mountPoint);
  await rm(base, { recursive: true, force: true });
});

const mounts = async () =>
  (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(base));

test('a folder that the user can enter is used as it is', async () => {
  expect(await reachablePath(checkout, user, mountPoint)).toBe(checkout);
  expect(await mounts()).toEqual([]);
});

test('one below a closed folder is mounted where it can be entered, once, and taken away again', async () => {
  await chmod(path.join(base, 'private'), 0o700);
  expect(await canReach(checkout, user)).toBe(false);
  expect(await reachablePath(checkout, user, mountPoint)).toBe(mountPoint);
  expect(await reachablePath(checkout, user, mountPoint)).toBe(mountPoint);
  expect(await mounts()).toHaveLength(1);
  const read = await run('cat', [path.join(mountPoint, 'package.json')], { ...user, cwd: '/' });
  expect(read).toMatchObject({ code: 0, stdout: '{}' });
  await unmount(mountPoint);
  expect(await mounts()).toEqual([]);
  expect(await readFile(path.join(checkout, 'package.json'), 'utf8')).toBe('{}');
});

test('files that only their owner can read get a message with the command', async () => {
  const file = path.join(checkout, 'package.json');
  await chmod(file, 0o600);
  await expect(requireReadable(file, user, checkout)).rejects.toMatchObject({
    next: `run: chmod -R go+rX ${checkout}`,
  });
});
