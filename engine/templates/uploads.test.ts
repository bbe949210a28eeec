import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineError } from '../api/errors.ts';
import { waitUntil } from '../runtime/wait.ts';
import { Uploads } from './uploads.ts';

const hash = 'f'.repeat(64);
let dir: string;
let now = 1_000_000;
let uploads: Uploads;
let server: Server;
let url: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'uploads-'));
  now = Date.now();
  uploads = new Uploads(dir, () => now);
  server = createServer((request, response) => {
    const target = new URL(request.url ?? '', 'http://engine');
    const name = target.pathname.split('/').at(-1) ?? '';
    uploads.receive(name, target.searchParams, request).then(
      () => response.end(),
      (error: unknown) => response.writeHead(error instanceof EngineError ? error.code : 500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true });
});

const put = async (target: string, body = 'archive') => (await fetch(url + target, { method: 'PUT', body })).status;

it('takes an archive with the URL that it gave', async () => {
  expect(await uploads.find(hash)).toBeUndefined();
  expect(await put(uploads.uploadPath(hash))).toBe(200);
  expect(await readFile((await uploads.find(hash)) ?? '', 'utf8')).toBe('archive');
});

it('refuses another URL, a late one, and names that are no hash', async () => {
  const good = uploads.uploadPath(hash);
  expect(await put(good.replace(hash, 'e'.repeat(64)))).toBe(401);
  expect(await put(`/uploads/${hash}`)).toBe(401);
  expect(await put('/uploads/..%2fx')).toBe(400);
  now += 2 * 3600_000;
  expect(await put(good)).toBe(401);
  expect(await readdir(dir)).toEqual([]);
});

it('leaves nothing of an upload that breaks off', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`PUT ${uploads.uploadPath(hash)} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nsome`);
  expect(await waitUntil(async () => (await readdir(dir)).length === 1, 5000, 10)).toBe(true);
  socket.destroy();
  expect(await waitUntil(async () => (await readdir(dir)).length === 0, 5000, 10)).toBe(true);
  expect(await uploads.find(hash)).toBeUndefined();
});

it('forgets archives that were not used for days', async () => {
  await put(uploads.uploadPath(hash));
  now += 4 * 24 * 3600_000;
  await uploads.collect();
  expect(await readdir(dir)).toEqual([]);
});
