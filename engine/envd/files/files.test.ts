import { createReadStream } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../../runtime/wait.ts';
import { startTestEnvd, type TestEnvd, TOKEN } from '../testing.ts';

const BIG = 128 * 1024 * 1024;

let envd: TestEnvd;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());

const headers = { 'x-access-token': TOKEN };
const post = (query: string, body: BodyInit, more: Record<string, string> = {}) =>
  fetch(`${envd.url}/files?${query}`, { method: 'POST', headers: { ...headers, ...more }, body });
const get = (query: string, more: Record<string, string> = {}) =>
  fetch(`${envd.url}/files?${query}`, { headers: { ...headers, ...more } });
const octets = { 'content-type': 'application/octet-stream' };

it('takes octets, plain and packed, and gives them back', async () => {
  const answer = await post('path=deep/er/x.bin', 'plain', octets);
  const written = path.join(envd.home, 'deep/er/x.bin');
  expect(await answer.json()).toEqual([{ path: written, name: 'x.bin', type: 'file' }]);
  expect(await (await get('path=deep/er/x.bin')).text()).toBe('plain');
  await post('path=deep/er/x.bin', new Uint8Array(gzipSync('packed')), { ...octets, 'content-encoding': 'gzip' });
  expect(await readFile(written, 'utf8')).toBe('packed');
});

it('packs for clients that ask for gzip alone', async () => {
  await writeFile(path.join(envd.home, 'long'), 'x'.repeat(100_000));
  expect((await get('path=long', { 'accept-encoding': 'gzip' })).headers.get('content-encoding')).toBe('gzip');
  const all = await get('path=long', { 'accept-encoding': 'gzip, deflate' });
  expect([all.headers.get('content-encoding'), all.headers.get('content-length')]).toEqual([null, '100000']);
  expect(gunzipSync(gzipSync(await all.text())).length).toBe(100_000);
});

it('takes several files in one form, with odd names', async () => {
  const form = new FormData();
  form.append('note', 'ignored');
  form.append('file', new Blob(['1']), 'form/a "quoted".txt');
  form.append('file', new Blob(['2']), path.join(envd.home, 'form/ümlaut 100%.txt'));
  const answer = await post('', form);
  expect(((await answer.json()) as { name: string }[]).map(({ name }) => name)).toEqual([
    'a "quoted".txt',
    'ümlaut 100%.txt',
  ]);
  expect(await readFile(path.join(envd.home, 'form/ümlaut 100%.txt'), 'utf8')).toBe('2');
});

it('lets ?path= win over the name in the form', async () => {
  const form = new FormData();
  form.append('file', new Blob(['here']), 'elsewhere.txt');
  await post('path=here.txt', form);
  expect(await (await get('path=here.txt')).text()).toBe('here');
  const unnamed = new FormData();
  unnamed.append('file', 'there');
  expect(await (await post('path=here.txt', unnamed)).json()).toMatchObject([{ name: 'here.txt' }]);
  expect(await (await get('path=here.txt')).text()).toBe('there');
});

it('gives ranges, and nothing to who has it already', async () => {
  await writeFile(path.join(envd.home, 'digits'), '0123456789');
  const part = async (range: string) => {
    const answer = await get('path=digits', { range });
    return [answer.status, answer.headers.get('content-range'), await answer.text()];
  };
  expect(await part('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await part('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await part('bytes=8-100')).toEqual([206, 'bytes 8-9/10', '89']);
  expect(await part('bytes=0-1,4-5')).toEqual([200, null, '0123456789']);
  const { headers: given } = await get('path=digits');
  const since = given.get('last-modified') ?? '';
  expect((await get('path=digits', { 'if-modified-since': since })).status).toBe(304);
});

it('keeps metadata with the file until it is written again', async () => {
  const stat = async () => {
    const { json } = await envd.call('/filesystem.Filesystem/Stat', { path: 'meta' });
    return (json as { entry: { metadata?: unknown } }).entry.metadata;
  };
  const metadata = { author: 'mish', 'two-words': 'a b' };
  const sent = { 'x-metadata-author': 'mish', 'X-Metadata-Two-Words': 'a b' };
  expect(await (await post('path=meta', 'x', { ...octets, ...sent })).json()).toMatchObject([{ metadata }]);
  expect(await stat()).toEqual(metadata);
  await post('path=meta', 'y', { ...octets, 'x-metadata-author': 'other' });
  expect(await stat()).toEqual({ author: 'other' });
  expect(await (await post('path=meta', 'z', octets)).json()).toEqual([expect.not.objectContaining({ metadata: {} })]);
  expect(await stat()).toBeUndefined();
});

it('refuses two files for one path, and keeps the first', async () => {
  const form = new FormData();
  form.append('file', new Blob(['1']), 'twice');
  form.append('file', new Blob(['2']), 'twice');
  const answer = await post('', form);
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('to the same path')]);
  expect(await (await get('path=twice')).text()).toBe('1');
});

it('says what is wrong', async () => {
  await mkdir(path.join(envd.home, 'folder'), { recursive: true });
  const form = new FormData();
  form.append('file', 'no name');
  await post('path=there', 'x', octets);
  const answers: [Promise<Response>, number][] = [
    [get('path=missing'), 404],
    [get('path=folder'), 400],
    [get('path=/dev/null'), 400],
    [get('path=missing&username=nobody-here'), 401],
    [post('path=folder', 'x', octets), 400],
    [post('', 'x', octets), 400],
    [post('path=x', 'not gzip', { ...octets, 'content-encoding': 'gzip' }), 400],
    [post('path=x', 'x', { ...octets, 'content-encoding': 'br' }), 400],
    [post('path=x', 'x', { 'content-type': 'text/html' }), 400],
    [post('path=x', 'broken', { 'content-type': 'multipart/form-data' }), 400],
    [post('path=x', '--b\r\nbroken', { 'content-type': 'multipart/form-data; boundary=b' }), 400],
    [post('path=x', 'x', {}), 400],
    [post('path=x', 'x', { ...octets, 'x-metadata-a': 'ü' }), 400],
    [post('path=x', 'x', { ...octets, 'x-metadata-a': 'b'.repeat(5000) }), 400],
    [post('path=there/below', 'x', octets), 500],
    [get('path=there', { 'accept-encoding': 'identity;q=0, br' }), 406],
    [get('path=there', { range: 'bytes=5-' }), 416],
  ];
  for (const [answer, status] of answers) {
    const { status: given, body } = { status: (await answer).status, body: await (await answer).json() };
    expect(given).toBe(status);
    expect(body).toMatchObject({ code: status, message: expect.any(String) });
  }
});

it('answers 507 at once when the file cannot fit', async () => {
  const url = new URL(envd.url);
  const socket = connect(Number(url.port), url.hostname);
  const lines = [
    `POST /files?path=huge HTTP/1.1`,
    'host: x',
    `x-access-token: ${TOKEN}`,
    'content-type: application/octet-stream',
    'content-length: 9000000000000000',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.destroy();
  expect(answer).toContain('HTTP/1.1 507');
});

it('leaves nothing of an upload that breaks off, and what was there when it replaces', async () => {
  const url = new URL(envd.url);
  const socket = connect(Number(url.port), url.hostname);
  const form = [
    '--b',
    'content-disposition: form-data; name="file"; filename="half-form"',
    'content-type: a/b',
    '',
    'some',
  ];
  const head = (more: string[]) =>
    ['host: x', `x-access-token: ${TOKEN}`, 'content-length: 1000', ...more, '', ''].join('\r\n');
  socket.write(
    `POST /files HTTP/1.1\r\n${head(['content-type: multipart/form-data; boundary=b'])}${form.join('\r\n')}`,
  );
  const other = connect(Number(url.port), url.hostname);
  other.write(`POST /files?path=half HTTP/1.1\r\n${head(['content-type: application/octet-stream'])}some`);
  const exists = async () => {
    const found = await Promise.all(
      ['half', 'half-form'].map((name) => stat(path.join(envd.home, name)).catch(() => null)),
    );
    return found.filter((file) => file !== null).length;
  };
  await waitUntil(async () => (await exists()) === 2, 5000, 10);
  socket.destroy();
  other.destroy();
  expect(await waitUntil(async () => (await exists()) === 0, 5000, 10)).toBe(true);
});

it('streams: a big file goes through without being held in memory', async () => {
  const big = path.join(envd.home, 'big');
  await writeFile(big, Buffer.alloc(BIG, 7));
  await chmod(big, 0o600);
  const before = process.memoryUsage.rss();
  const upload = { method: 'POST' as const, headers: { ...headers, ...octets }, body: createReadStream(big) };
  const answer = await request(`${envd.url}/files?path=copy`, upload);
  expect(answer.statusCode).toBe(200);
  expect((await stat(path.join(envd.home, 'copy'))).size).toBe(BIG);
  expect(process.memoryUsage.rss() - before).toBeLessThan(BIG * 0.7);
});
