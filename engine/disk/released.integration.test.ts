import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDisks } from './disk.ts';
import { mountImage } from './mount.ts';
import { unmountBelow } from './mounts.ts';
import { withOwnMounts } from './own-mounts.ts';
import { untilReleased } from './released.ts';

const WAITS = ['sh', '-c', 'echo ready; exec sleep 60'];
let folder: string;
let image: string;
let first: string;
let second: string;
let holder: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shmastra-disk-'));
  image = path.join(folder, 'disk.img');
  [first, second] = [path.join(folder, 'first/disk'), path.join(folder, 'second/disk')];
  await Promise.all([first, second].map((directory) => mkdir(directory, { recursive: true })));
  await createDisks(path.join(folder, 'cache'), 0).ensure(image, 64);
});

afterEach(async () => {
  await letGo();
  await unmountBelow(folder);
  await rm(folder, { recursive: true });
});

/** A process with copies of all mounts of the host, as each sandbox is for a moment when it starts. */
async function copyMounts(args = ['--mount', ...WAITS]): Promise<void> {
  holder = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (holder.stdout) await once(holder.stdout, 'data');
}

async function letGo(): Promise<void> {
  if (holder === undefined || holder.exitCode !== null || holder.signalCode !== null) return;
  const ended = once(holder, 'exit');
  holder.kill('SIGKILL');
  await ended;
}

it('is not mounted again while a copy of its former mount is somewhere', async () => {
  await mountImage(image, first);
  await writeFile(path.join(first, 'note'), 'kept');
  await copyMounts();
  await unmountBelow(first);
  await expect(untilReleased(image, 20)).rejects.toThrow('is still in use');

  let mounted = false;
  const mounting = mountImage(image, second).then(() => (mounted = true));
  await expect(untilReleased(image, 20)).rejects.toThrow('is still in use');
  expect(mounted).toBe(false);
  await letGo();
  await mounting;
  expect(await readFile(path.join(second, 'note'), 'utf8')).toBe('kept');
});

it('is free as soon as it is unmounted when nobody else has it', async () => {
  await mountImage(image, first);
  await expect(untilReleased(image, 0)).rejects.toThrow('is still in use');
  await unmountBelow(first);
  await untilReleased(image);
  await mountImage(image, second);
});

it('is not held by a program that makes an image meanwhile', async () => {
  await mountImage(image, first);
  await writeFile(path.join(first, 'note'), 'kept');
  await copyMounts(withOwnMounts('sh', WAITS.slice(1), folder));
  expect(await readFile(path.join(first, 'note'), 'utf8')).toBe('kept');
  await unmountBelow(first);
  await untilReleased(image);
});
