import type { FilesystemEvent } from 'e2b';
import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

inEverySetting('watching folders', ({ sdk, create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create();
  });
  type Options = Parameters<Sandbox['files']['watchDir']>[2];
  async function watch(folder: string, options: Options = {}) {
    await sandbox.files.makeDir(folder);
    const events: FilesystemEvent[] = [];
    const handle = await sandbox.files.watchDir(folder, (event) => void events.push(event), options);
    return { events, handle };
  }
  const seen = (events: FilesystemEvent[]) => events.map(({ type, name }) => `${type} ${name}`);

  it('tells of everything that happens in one', async () => {
    const { events, handle } = await watch('plain');
    await sandbox.files.write('plain/file', 'content');
    await sandbox.commands.run('chmod 600 plain/file; mv plain/file plain/moved; rm plain/moved; mkdir plain/folder');
    const expected = ['create file', 'write file', 'chmod file', 'rename file', 'create moved', 'remove moved'];
    await expect.poll(() => seen(events)).toEqual(expect.arrayContaining([...expected, 'create folder']));
    await handle.stop();
    await sandbox.files.write('plain/later', '');
    expect(seen(events)).not.toContain('create later');
  });

  it('does not look into folders below, unless it is asked to', async () => {
    await sandbox.files.makeDir('deep/below');
    const flat = await watch('deep');
    const all = await watch('deep', { recursive: true });
    await sandbox.files.write('deep/below/file', 'x');
    await sandbox.files.write('deep/last', 'x');
    await expect.poll(() => seen(all.events)).toEqual(expect.arrayContaining(['write below/file', 'write last']));
    await expect.poll(() => seen(flat.events)).toContain('write last');
    expect(seen(flat.events).filter((event) => event.includes('below'))).toEqual([]);
    await flat.handle.stop();
    await all.handle.stop();
  });

  it('follows folders that are made while it watches', async () => {
    const { events, handle } = await watch('growing', { recursive: true });
    await sandbox.commands.run('mkdir -p growing/a/b');
    await expect.poll(() => seen(events)).toContain('create a');
    await expect
      .poll(async () => {
        await sandbox.files.write('growing/a/b/file', 'x');
        return seen(events);
      })
      .toContain('write a/b/file');
    await handle.stop();
  });

  it('tells what an entry is where that is wanted', async () => {
    const { events, handle } = await watch('described', { includeEntry: true });
    await sandbox.files.write('described/file', 'seven b');
    await expect
      .poll(() => events.find(({ entry }) => entry?.size === 7)?.entry)
      .toMatchObject({ name: 'file', path: '/home/user/described/file', type: 'file', owner: 'user' });
    await handle.stop();
  });

  it('ends at its deadline, or with the sandbox, and tells so', async () => {
    const ends: (Error | undefined)[] = [];
    const { handle } = await watch('ending', { timeoutMs: 500, onExit: (error) => void ends.push(error) });
    await expect.poll(() => ends).toEqual([expect.any(sdk.TimeoutError)]);
    await handle.stop();
  });

  it('says when there is nothing to watch', async () => {
    await expect(sandbox.files.watchDir('not-there', () => {})).rejects.toThrow(sdk.FileNotFoundError);
    await sandbox.files.write('a-file', '');
    await expect(sandbox.files.watchDir('a-file', () => {})).rejects.toThrow(sdk.SandboxError);
  });
});
