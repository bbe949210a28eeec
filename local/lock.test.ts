import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder, takeLock } from './lock.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lock-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a second start says who runs; after the first has ended it may', async () => {
  const unlock = await takeLock(folder, 'http://localhost:3000');
  await expect(takeLock(folder, 'http://localhost:3001')).rejects.toMatchObject({
    message: expect.stringContaining('http://localhost:3000'),
    next: expect.stringContaining(`kill ${process.pid}`),
  });
  expect(await lockHolder(folder)).toMatchObject({ url: 'http://localhost:3000', pid: process.pid });
  await unlock();
  expect(await lockHolder(folder)).toBeNull();
  await (
    await takeLock(folder, 'http://localhost:3001')
  )();
});

test('a lock of a process that is gone, or half written, holds nobody up', async () => {
  const file = path.join(folder, 'running.json');
  const gone = { pid: process.pid, startTicks: '1', boot: 'another', url: 'http://localhost:1', since: 'then' };
  await writeFile(file, JSON.stringify(gone));
  expect(await lockHolder(folder)).toBeNull();
  const unlock = await takeLock(folder, 'http://localhost:3000');
  await unlock();
  await writeFile(file, '{"pid":');
  await expect(takeLock(folder, 'http://localhost:3000')).resolves.toBeTypeOf('function');
});
