import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestEnvd, type TestEnvd, TOKEN } from '../testing.ts';
import { signFile } from './auth.ts';

let envd: TestEnvd;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());

it('signs as the SDKs do', () => {
  const hash = createHash('sha256').update('/a:read:user:secret:99').digest('base64').replace(/=+$/, '');
  expect(signFile('secret', { path: '/a', operation: 'read', user: 'user', expires: '99' })).toBe(`v1_${hash}`);
});

it('answers /health without a token and nothing else', async () => {
  expect((await fetch(`${envd.url}/health`)).status).toBe(204);
  for (const path of ['/files?path=x', '/envs', '/process.Process/List', '/init', '/nothing']) {
    expect((await fetch(envd.url + path, { method: path === '/init' ? 'POST' : 'GET' })).status).toBe(401);
  }
  const changed = `${TOKEN.slice(0, -1)}${TOKEN.endsWith('0') ? '1' : '0'}`;
  for (const wrong of ['wrong', changed, TOKEN.slice(0, -1), `${TOKEN}0`, TOKEN.toUpperCase() + TOKEN]) {
    expect((await envd.call('/process.Process/List', {}, { 'x-access-token': wrong })).status).toBe(401);
  }
  expect((await envd.call('/process.Process/List', {}, { 'x-access-token': TOKEN })).status).toBe(200);
});

it('takes a signed URL for the file, the user and the operation it was signed for', async () => {
  await fetch(`${envd.url}/files?path=signed.txt`, {
    method: 'POST',
    headers: { 'x-access-token': TOKEN, 'content-type': 'application/octet-stream' },
    body: 'content',
  });
  const expires = String(Math.floor(Date.now() / 1000) + 60);
  const url = (path: string, operation: 'read' | 'write', until: string) => {
    const signature = signFile(TOKEN, { path, operation, user: 'user', expires: until });
    return `${envd.url}/files?${new URLSearchParams({ path: 'signed.txt', username: 'user', signature, signature_expiration: until })}`;
  };
  expect(await (await fetch(url('signed.txt', 'read', expires))).text()).toBe('content');
  for (const wrong of [
    url('other.txt', 'read', expires),
    url('signed.txt', 'write', expires),
    url('signed.txt', 'read', '100'),
  ]) {
    expect((await fetch(wrong)).status).toBe(401);
  }
});
