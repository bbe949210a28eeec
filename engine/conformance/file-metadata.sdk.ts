import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

inEverySetting('metadata of files', ({ sdk, create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create();
  });

  it.each([true, false])('is written and read again (as octets: %s)', async (useOctetStream) => {
    const path = `kept-${useOctetStream}`;
    const metadata = { author: 'somebody', 'review-state': 'done = 100%' };
    expect(await sandbox.files.write(path, 'content', { metadata, useOctetStream })).toMatchObject({ metadata });
    expect((await sandbox.files.getInfo(path)).metadata).toEqual(metadata);
    expect(await sandbox.files.read(path)).toBe('content');
  });

  it('belongs to every file of one call', async () => {
    const files = ['many/one', 'many/two'].map((path) => ({ path, data: '' }));
    await sandbox.files.writeFiles(files, { metadata: { batch: '7' } });
    const listed = await sandbox.files.list('many');
    expect(listed.map(({ name, metadata }) => [name, metadata])).toEqual([
      ['one', { batch: '7' }],
      ['two', { batch: '7' }],
    ]);
  });

  it('moves with the file and goes when the file is written anew', async () => {
    await sandbox.files.write('moving', '', { metadata: { a: 'b' } });
    expect((await sandbox.files.rename('moving', 'moved')).metadata).toEqual({ a: 'b' });
    await sandbox.files.write('moved', 'anew');
    expect((await sandbox.files.getInfo('moved')).metadata).toBeUndefined();
  });

  it('is refused where no header can carry it', async () => {
    await expect(sandbox.files.write('refused', '', { metadata: { 'a b': 'c' } })).rejects.toThrow(
      sdk.InvalidArgumentError,
    );
    await expect(sandbox.files.write('refused', '', { metadata: { a: 'new\nline' } })).rejects.toThrow(
      sdk.InvalidArgumentError,
    );
    expect(await sandbox.files.exists('refused')).toBe(false);
  });
});
