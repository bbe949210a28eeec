import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestEnvd, type TestEnvd, TOKEN } from '../testing.ts';

/** A user without rights to anything but a folder of his own. */
const UID = 54_321;

let envd: TestEnvd;
let base: string;
let own: string;
const rpc = async (method: string, body: unknown) =>
  envd.call(`/filesystem.Filesystem/${method}`, body, { authorization: `Basic ${btoa('guest:')}` });
const files = (file: string, init: RequestInit = {}) =>
  fetch(`${envd.url}/files?${new URLSearchParams({ path: file, username: 'guest' })}`, {
    ...init,
    headers: { 'x-access-token': TOKEN, 'content-type': 'application/octet-stream' },
  });
const write = (file: string, body = 'new') => files(file, { method: 'POST', body });
const owner = (file: string) => [statSync(file).uid, statSync(file).gid];

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  beforeAll(async () => {
    envd = await startTestEnvd();
    base = path.dirname(envd.home);
    chmodSync(base, 0o755);
    writeFileSync(
      path.join(base, 'passwd'),
      `root:x:0:0::/root:/bin/sh\nguest:x:${UID}:${UID}::${base}/guest:/bin/sh\n`,
    );
    own = path.join(base, 'guest');
    for (const folder of ['guest', 'private', 'private/inner']) mkdirSync(path.join(base, folder));
    chownSync(own, UID, UID);
    chmodSync(path.join(base, 'private'), 0o700);
    writeFileSync(path.join(base, 'private/secret'), 'secret', { mode: 0o600 });
  });
  afterAll(() => envd.close());

  it('writes, makes, lists, moves and removes where the user could not, and gives him what is new', async () => {
    expect((await write(`${base}/private/a/b/file`)).status).toBe(200);
    for (const made of ['a', 'a/b', 'a/b/file']) expect(owner(path.join(base, 'private', made))).toEqual([UID, UID]);
    expect((await rpc('MakeDir', { path: `${base}/private/c/d` })).status).toBe(200);
    expect(owner(path.join(base, 'private/c'))).toEqual([UID, UID]);
    const { json } = await rpc('ListDir', { path: `${base}/private`, depth: 3 });
    const names = (json as { entries: { path: string }[] }).entries.map((entry) => path.relative(base, entry.path));
    expect(names).toContain('private/a/b/file');
    expect(names).toContain('private/secret');
    expect(await rpc('Move', { source: `${base}/private/a`, destination: `${base}/private/x/y` })).toMatchObject({
      json: { entry: { path: `${base}/private/x/y`, owner: 'guest' } },
    });
    expect(await (await files(`${base}/private/x/y/b/file`)).text()).toBe('new');
    for (const gone of ['x', 'c', 'missing'])
      expect(await rpc('Remove', { path: `${base}/private/${gone}` })).toEqual({ status: 200, json: {} });
    expect(existsSync(path.join(base, 'private/x'))).toBe(false);
  });

  it('reads and replaces root-owned files, over links that root made', async () => {
    symlinkSync('private', path.join(base, 'way'));
    expect(await (await files(`${base}/way/secret`)).text()).toBe('secret');
    writeFileSync(path.join(own, 'of-root'), 'longer than what comes', { mode: 0o600 });
    expect((await write('of-root')).status).toBe(200);
    expect([readFileSync(path.join(own, 'of-root'), 'utf8'), ...owner(path.join(own, 'of-root'))]).toEqual([
      'new',
      UID,
      UID,
    ]);
  });

  it('follows no link of the user to what he may not touch', async () => {
    const plant = (name: string, target: string) => {
      symlinkSync(target, path.join(own, name));
    };
    plant('file', path.join(base, 'private/secret'));
    plant('folder', path.join(base, 'private'));
    linkSync(path.join(base, 'private/secret'), path.join(own, 'hard'));
    // Links of his: root's own would be followed.
    for (const name of ['file', 'folder']) lchownSync(path.join(own, name), UID, UID);
    const tries: [string, Promise<{ status: number }>][] = [
      ['read a link', files('file')],
      ['read below a link', files('folder/secret')],
      ['read a hard link', files('hard')],
      ['write a link', write('file')],
      ['write below a link', write('folder/new')],
      ['write a hard link', write('hard')],
      ['make folders below a link', write('folder/new/deep/file')],
      ['list', rpc('ListDir', { path: 'folder' })],
      ['make', rpc('MakeDir', { path: 'folder/made' })],
      ['move out', rpc('Move', { source: 'folder/secret', destination: 'taken' })],
      ['move in', rpc('Move', { source: 'of-root', destination: 'folder/of-root' })],
      ['remove', rpc('Remove', { path: 'folder/secret' })],
      ['stat', rpc('Stat', { path: 'folder/secret' })],
    ];
    for (const [what, answer] of tries) expect([what, (await answer).status]).toEqual([what, 403]);
    expect(readFileSync(path.join(base, 'private/secret'), 'utf8')).toBe('secret');
    expect(statSync(path.join(base, 'private/secret')).uid).toBe(0);
    // The links themselves are his to see and remove.
    expect(await rpc('Stat', { path: 'file' })).toMatchObject({ json: { entry: { symlinkTarget: `${own}/file` } } });
    for (const name of ['file', 'folder', 'hard']) expect((await rpc('Remove', { path: name })).status).toBe(200);
    expect(existsSync(path.join(base, 'private/secret'))).toBe(true);
  });

  it('copies a tree to another file system as root only where none but root can exchange its folders', async () => {
    const shared = mkdtempSync('/dev/shm/envd-');
    try {
      mkdirSync(path.join(shared, 'tree/inner'), { recursive: true, mode: 0o700 });
      writeFileSync(path.join(shared, 'tree/inner/file'), 'secret');
      const move = async (source: string, destination: string) =>
        (await rpc('Move', { source: path.join(shared, source), destination })).status;
      expect(await move('tree', path.join(own, 'tree'))).toBe(403);
      expect(existsSync(path.join(own, 'tree'))).toBe(false);
      chownSync(path.join(shared, 'tree'), UID, UID);
      chmodSync(path.join(shared, 'tree/inner'), 0o700);
      expect(await move('tree', path.join(base, 'private/tree'))).toBe(403);
      chownSync(path.join(shared, 'tree'), 0, 0);
      expect(await move('tree', path.join(base, 'private/tree'))).toBe(200);
      expect(readFileSync(path.join(base, 'private/tree/inner/file'), 'utf8')).toBe('secret');
    } finally {
      rmSync(shared, { recursive: true, force: true });
    }
  });
});
