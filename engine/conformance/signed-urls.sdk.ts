import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

inEverySetting('signed file URLs', ({ create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create();
    await sandbox.files.write('signed.txt', 'content');
  });
  const upload = (url: string, text: string, filename = 'ignored') => {
    const form = new FormData();
    form.append('file', new Blob([text]), filename);
    return fetch(url, { method: 'POST', body: form });
  };

  it('read a file without any other credential', async () => {
    const answer = await fetch(await sandbox.downloadUrl('signed.txt'));
    expect([answer.status, await answer.text()]).toEqual([200, 'content']);
  });

  it('read until they expire', async () => {
    const answer = await fetch(await sandbox.downloadUrl('signed.txt', { useSignatureExpiration: 60 }));
    expect(await answer.text()).toBe('content');
    const expired = await fetch(await sandbox.downloadUrl('signed.txt', { useSignatureExpiration: -60 }));
    expect(expired.status).toBe(401);
    expect(await expired.json()).toMatchObject({ code: 401 });
  });

  it('write a file, to the path that was signed', async () => {
    const answer = await upload(await sandbox.uploadUrl('uploaded.txt', { useSignatureExpiration: 60 }), 'by URL');
    expect(await answer.json()).toEqual([{ name: 'uploaded.txt', path: '/home/user/uploaded.txt', type: 'file' }]);
    expect(await sandbox.files.read('uploaded.txt')).toBe('by URL');
  });

  it('work for the user whom they name', async () => {
    await upload(await sandbox.uploadUrl('of-root.txt', { user: 'root' }), 'root');
    expect(await sandbox.files.read('/root/of-root.txt', { user: 'root' })).toBe('root');
    expect(await (await fetch(await sandbox.downloadUrl('of-root.txt', { user: 'root' }))).text()).toBe('root');
  });

  it('are good for nothing else', async () => {
    const url = await sandbox.downloadUrl('signed.txt', { useSignatureExpiration: 60 });
    const changed = (name: string, value: string) => {
      const other = new URL(url);
      other.searchParams.set(name, value);
      return fetch(other);
    };
    expect((await changed('path', '/etc/passwd')).status).toBe(401);
    expect((await changed('username', 'root')).status).toBe(401);
    expect((await changed('signature_expiration', '99999999999')).status).toBe(401);
    expect((await changed('signature', 'v1_forged')).status).toBe(401);
    expect((await upload(url, 'overwritten')).status).toBe(401);
    expect(await sandbox.files.read('signed.txt')).toBe('content');
  });
});
