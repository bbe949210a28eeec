import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { withCacheLock } from './cache-lock.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'cache-lock-'));
});
afterAll(() => rm(dir, { recursive: true }));

it('lets one in at a time', async () => {
  const lock = path.join(dir, 'one.lock');
  const onWait = vi.fn<() => void>();
  let inside = 0;
  const action = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([withCacheLock(lock, onWait, action), withCacheLock(lock, onWait, action)]);
  expect(onWait).toHaveBeenCalledOnce();
});

it('is free again after a failure, and when its process is gone', async () => {
  const lock = path.join(dir, 'two.lock');
  await expect(
    withCacheLock(
      lock,
      () => {},
      () => Promise.reject(new Error('failed')),
    ),
  ).rejects.toThrow('failed');
  // No process can have this id: it is above the kernel's highest.
  await writeFile(lock, '4194305');
  expect(
    await withCacheLock(
      lock,
      () => {},
      async () => 'done',
    ),
  ).toBe('done');
});
