import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

const BIG = 40 * 1024 * 1024;

inEverySetting('the content of files', ({ sdk, create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create();
  });
  const bytes = new Uint8Array(randomBytes(300_000));
  const streamOf = (data: Uint8Array) => new Blob([new Uint8Array(data)]).stream();

  it('is written from text, bytes, blobs and streams, and read as all of them', async () => {
    const forms = {
      text: 'text',
      buffer: new Uint8Array(bytes).buffer,
      blob: new Blob([bytes]),
      stream: streamOf(bytes),
    };
    for (const [name, data] of Object.entries(forms)) {
      expect(await sandbox.files.write(`forms/${name}`, data)).toMatchObject({
        ...{ name, path: `/home/user/forms/${name}`, type: 'file' },
      });
      const expected = name === 'text' ? new TextEncoder().encode('text') : bytes;
      expect(await sandbox.files.read(`forms/${name}`, { format: 'bytes' })).toEqual(expected);
    }
    expect(await sandbox.files.read('forms/text')).toBe('text');
    expect(new Uint8Array(await (await sandbox.files.read('forms/blob', { format: 'blob' })).arrayBuffer())).toEqual(
      bytes,
    );
    const stream = await sandbox.files.read('forms/stream', { format: 'stream' });
    expect(new Uint8Array(await new Response(stream).arrayBuffer())).toEqual(bytes);
  });

  it('may be nothing', async () => {
    await sandbox.files.write('empty', '');
    expect(await sandbox.files.read('empty')).toBe('');
    expect(await sandbox.files.read('empty', { format: 'bytes' })).toHaveLength(0);
    const stream = await sandbox.files.read('empty', { format: 'stream' });
    expect(await new Response(stream).text()).toBe('');
  });

  it('replaces what was there', async () => {
    await sandbox.files.write('again', 'a long text');
    await sandbox.files.write('again', 'short');
    expect(await sandbox.files.read('again')).toBe('short');
  });

  it('goes to many files in one call, with names of any kind', async () => {
    expect(await sandbox.files.write([])).toEqual([]);
    const files = ['one.txt', 'deep/er/two.txt', 'with space & "quotes".txt', 'ümlaut 日本 %41.txt', '/tmp/three'];
    const written = await sandbox.files.writeFiles(
      files.map((path) => ({ path: path.startsWith('/') ? path : `many/${path}`, data: path })),
    );
    expect(written.map(({ name }) => name)).toEqual(files.map((path) => path.split('/').pop()));
    for (const path of files) {
      expect(await sandbox.files.read(path.startsWith('/') ? path : `many/${path}`)).toBe(path);
    }
  });

  it('goes packed both ways where that is asked for', async () => {
    const text = 'packs well '.repeat(50_000);
    await sandbox.files.write('packed', text, { gzip: true, useOctetStream: true });
    expect(await sandbox.files.read('packed', { gzip: true })).toBe(text);
    expect((await sandbox.files.getInfo('packed')).size).toBe(text.length);
    await sandbox.files.write('packed-form', text, { gzip: true });
    expect(await sandbox.files.read('packed-form')).toBe(text);
  });

  it('may be big, and arrives as it was sent', async () => {
    const content = randomBytes(1024 * 1024);
    const blob = new Blob(Array.from({ length: BIG / content.length }, () => content));
    await sandbox.files.write('big', blob, { useOctetStream: true });
    const { stdout } = await sandbox.commands.run('sha256sum < big; stat -c %s big');
    const hash = createHash('sha256')
      .update(Buffer.from(await blob.arrayBuffer()))
      .digest('hex');
    expect(stdout).toBe(`${hash}  -\n${BIG}\n`);
    const received = createHash('sha256');
    for await (const chunk of await sandbox.files.read('big', { format: 'stream' })) received.update(chunk);
    expect(received.digest('hex')).toBe(hash);
    await sandbox.files.remove('big');
  });

  it('says what cannot be read or written', async () => {
    await sandbox.files.makeDir('folder');
    await expect(sandbox.files.read('nothing')).rejects.toThrow(sdk.FileNotFoundError);
    await expect(sandbox.files.read('folder')).rejects.toThrow(sdk.InvalidArgumentError);
    await expect(sandbox.files.write('folder', 'x')).rejects.toThrow(sdk.InvalidArgumentError);
  });

  it('belongs to the user who wrote it, with the folders that were made for it', async () => {
    await sandbox.files.write('owned/by/user', 'x');
    expect(await sandbox.files.getInfo('owned/by')).toMatchObject({ owner: 'user', group: 'user' });
    expect(await sandbox.files.getInfo('owned/by/user')).toMatchObject({ owner: 'user', mode: 0o644 });
    await sandbox.files.write('owned-by-root', 'x', { user: 'root' });
    expect(await sandbox.files.getInfo('/root/owned-by-root', { user: 'root' })).toMatchObject({ owner: 'root' });
  });
});
