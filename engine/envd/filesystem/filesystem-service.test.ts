import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestEnvd, type TestEnvd } from '../testing.ts';

let envd: TestEnvd;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());

const call = (method: string, body: unknown) => envd.call(`/filesystem.Filesystem/${method}`, body);

it('describes files, folders and links', async () => {
  await writeFile(path.join(envd.home, 'a.txt'), 'four', { mode: 0o640 });
  await symlink('a.txt', path.join(envd.home, 'link'));
  await symlink('missing', path.join(envd.home, 'dangling'));
  expect(await call('Stat', { path: 'a.txt' })).toMatchObject({
    status: 200,
    json: {
      entry: {
        name: 'a.txt',
        type: 'FILE_TYPE_FILE',
        size: '4',
        mode: 0o640,
        permissions: '-rw-r-----',
        owner: 'user',
      },
    },
  });
  expect(await call('Stat', { path: 'link' })).toMatchObject({
    json: {
      entry: {
        type: 'FILE_TYPE_FILE',
        mode: 0o640,
        permissions: 'Lrwxrwxrwx',
        symlinkTarget: path.join(envd.home, 'a.txt'),
      },
    },
  });
  expect(await call('Stat', { path: 'dangling' })).toMatchObject({
    json: { entry: { type: 'FILE_TYPE_UNSPECIFIED', symlinkTarget: path.join(envd.home, 'dangling') } },
  });
});

it('makes, lists, moves and removes', async () => {
  expect(await call('MakeDir', { path: 'd/e' })).toMatchObject({ json: { entry: { type: 'FILE_TYPE_DIRECTORY' } } });
  expect(await call('MakeDir', { path: 'd/e' })).toMatchObject({ status: 409, json: { code: 'already_exists' } });
  await writeFile(path.join(envd.home, 'd/z'), '');
  await writeFile(path.join(envd.home, 'd/e/f'), '');
  const names = async (depth: number) => {
    const { json } = await call('ListDir', { path: 'd', depth });
    return (json as { entries: { path: string }[] }).entries.map((entry) => path.relative(envd.home, entry.path));
  };
  expect(await names(1)).toEqual(['d/e', 'd/z']);
  expect(await names(2)).toEqual(['d/e', 'd/e/f', 'd/z']);
  expect(await call('Move', { source: 'd', destination: 'new/place' })).toMatchObject({
    json: { entry: { name: 'place' } },
  });
  expect(await call('Remove', { path: 'new' })).toEqual({ status: 200, json: {} });
  expect(await call('Remove', { path: 'new' })).toEqual({ status: 200, json: {} });
});

it('removes a link and not what it points to', async () => {
  await mkdir(path.join(envd.home, 'kept/inner'), { recursive: true });
  await symlink('kept', path.join(envd.home, 'to-kept'));
  await call('Remove', { path: 'to-kept' });
  expect((await call('Stat', { path: 'kept/inner' })).status).toBe(200);
  expect((await call('Stat', { path: 'to-kept' })).status).toBe(404);
});

it.each([
  ['Stat', { path: 'missing' }, 404],
  ['ListDir', { path: 'missing' }, 404],
  ['ListDir', { path: '/etc/passwd' }, 400],
  ['ListDir', { path: '.', depth: -1 }, 400],
  ['MakeDir', { path: '/etc/passwd' }, 400],
  ['Move', { source: 'missing', destination: 'x' }, 404],
  ['Stat', {}, 200],
  ['CreateWatcher', { path: 'missing' }, 404],
  ['CreateWatcher', { path: '/etc/passwd' }, 400],
  ['GetWatcherEvents', { watcherId: 'wrong' }, 404],
  ['RemoveWatcher', {}, 404],
])('%s of %j is %d', async (method, body, status) => {
  expect((await call(method, body)).status).toBe(status);
});
