import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

inEverySetting('the file system', ({ sdk, create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create();
  });
  const names = (entries: { name: string }[]) => entries.map(({ name }) => name).sort();

  it('tells what is there', async () => {
    await sandbox.files.write('info/file.txt', 'twelve bytes');
    await sandbox.commands.run('chmod 640 info/file.txt; ln -s file.txt info/link; ln -s nowhere info/broken');
    const info = await sandbox.files.getInfo('info/file.txt');
    expect(info).toMatchObject({
      ...{ name: 'file.txt', path: '/home/user/info/file.txt', type: 'file', size: 12 },
      ...{ mode: 0o640, permissions: '-rw-r-----', owner: 'user', group: 'user' },
    });
    expect(info.symlinkTarget).toBeUndefined();
    expect(Math.abs((info.modifiedTime?.getTime() ?? 0) - Date.now())).toBeLessThan(120_000);
    expect(await sandbox.files.getInfo('info')).toMatchObject({ type: 'dir', permissions: 'drwxr-xr-x' });
    expect(await sandbox.files.getInfo('info/link')).toMatchObject({
      name: 'link',
      symlinkTarget: '/home/user/info/file.txt',
    });
    await expect(sandbox.files.getInfo('info/none')).rejects.toThrow(sdk.FileNotFoundError);
  });

  it('says whether something exists', async () => {
    await sandbox.files.write('there', '');
    expect(await sandbox.files.exists('there')).toBe(true);
    expect(await sandbox.files.exists('/home/user')).toBe(true);
    expect(await sandbox.files.exists('not-there')).toBe(false);
    expect(await sandbox.files.exists('not/there/either')).toBe(false);
  });

  it('makes folders with their parents, once', async () => {
    expect(await sandbox.files.makeDir('made/by/us')).toBe(true);
    expect(await sandbox.files.makeDir('made/by/us')).toBe(false);
    expect(await sandbox.files.getInfo('made/by')).toMatchObject({ type: 'dir', owner: 'user' });
    await sandbox.files.write('made/file', '');
    await expect(sandbox.files.makeDir('made/file')).rejects.toThrow(sdk.SandboxError);
  });

  it('lists to the depth that is asked for', async () => {
    await sandbox.files.writeFiles(
      ['a/b/c/deep', 'a/b/mid', 'a/top'].map((path) => ({ path: `list/${path}`, data: '' })),
    );
    expect(names(await sandbox.files.list('list'))).toEqual(['a']);
    expect(names(await sandbox.files.list('list', { depth: 2 }))).toEqual(['a', 'b', 'top']);
    const all = await sandbox.files.list('list', { depth: 10 });
    expect(all.map(({ path }) => path.slice('/home/user/list/'.length)).sort()).toEqual([
      'a',
      'a/b',
      'a/b/c',
      'a/b/c/deep',
      'a/b/mid',
      'a/top',
    ]);
    expect(all.find(({ name }) => name === 'deep')).toMatchObject({ type: 'file', size: 0, owner: 'user' });
    await expect(sandbox.files.list('list', { depth: 0 })).rejects.toThrow(sdk.InvalidArgumentError);
    await expect(sandbox.files.list('list/none')).rejects.toThrow(sdk.FileNotFoundError);
    await expect(sandbox.files.list('list/a/top')).rejects.toThrow(sdk.SandboxError);
    await sandbox.files.makeDir('list-empty');
    expect(await sandbox.files.list('list-empty')).toEqual([]);
  });

  it('renames files and folders', async () => {
    await sandbox.files.write('old/name', 'content');
    const moved = await sandbox.files.rename('old/name', 'old/renamed');
    expect(moved).toMatchObject({ name: 'renamed', path: '/home/user/old/renamed', type: 'file' });
    expect(await sandbox.files.exists('old/name')).toBe(false);
    expect(await sandbox.files.read('old/renamed')).toBe('content');
    await sandbox.files.rename('old', 'new-parent/new');
    expect(await sandbox.files.read('new-parent/new/renamed')).toBe('content');
    await expect(sandbox.files.rename('nothing', 'nowhere')).rejects.toThrow(sdk.FileNotFoundError);
  });

  it('removes files and whole folders', async () => {
    await sandbox.files.write('gone/file', 'x');
    await sandbox.files.remove('gone/file');
    expect(await sandbox.files.exists('gone/file')).toBe(false);
    await sandbox.files.write('gone/deep/file', 'x');
    await sandbox.files.remove('gone');
    expect(await sandbox.files.exists('gone')).toBe(false);
    await sandbox.files.remove('gone');
  });

  it('does it as whom it is told', async () => {
    await sandbox.files.write('/root/secret', 'of root', { user: 'root' });
    expect(await sandbox.files.getInfo('/root/secret', { user: 'root' })).toMatchObject({ owner: 'root' });
    expect(await sandbox.files.read('secret', { user: 'root' })).toBe('of root');
    await sandbox.files.makeDir('/srv/by-root', { user: 'root' });
    expect(names(await sandbox.files.list('/srv', { user: 'root' }))).toContain('by-root');
    await expect(sandbox.files.read('x', { user: 'nobody-here' })).rejects.toThrow(sdk.AuthenticationError);
    expect(await sandbox.files.exists('~/none', { user: 'root' })).toBe(false);
  });
});
