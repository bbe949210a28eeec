import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../lib/testing.ts';
import { browser, rawStatus, startTestFront, type TestFront } from './testing.ts';

let front: TestFront;
const { get } = browser(() => front);

beforeAll(async () => {
  front = await startTestFront();
});
afterAll(() => front.close());

test('streams the status with heartbeats and ends when the browser goes', async () => {
  const { cookie } = await front.member('paused');
  const abort = new AbortController();
  const answer = await fetch(`${front.origin}/api/workspace/status`, { headers: { cookie }, signal: abort.signal });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  expect(JSON.parse(first.replace(/^data: /, ''))).toMatchObject({ status: 'paused' });
  abort.abort();
});

test('gives everything else to the web process with our own address, and says so when it is away', async () => {
  let seen: IncomingMessage | undefined;
  front.web.handle = (req, res) => {
    seen = req;
    res.end('page');
  };
  const page = await get('/sign-in?a=b', { 'x-forwarded-host': 'evil.example', accept: 'text/html' });
  expect(await page.text()).toBe('page');
  expect(seen?.url).toBe('/sign-in?a=b');
  expect(seen?.headers['x-forwarded-host']).toBe(new URL(front.origin).host);
  front.web.handle = (_req, res) => res.socket?.destroy();
  const gone = await get('/sign-in', { accept: 'text/html' });
  expect(gone.status).toBe(502);
  expect(await gone.text()).toContain('http-equiv="refresh"');
});

test('keeps the control plane off the origin of user apps', async () => {
  const status = await rawStatus(
    front.origin,
    'GET /sign-in HTTP/1.1\r\nHost: x.apps.localhost:3000\r\nConnection: close\r\n\r\n',
  );
  expect(status).toBe(404);
});

test('serves the files of Studio compressed, with validators', async () => {
  const { cookie } = await front.member();
  const script = await rawHead('/studio/assets/main-12345678.js', { 'accept-encoding': 'gzip' });
  expect(script.headers).toMatchObject({
    'content-encoding': 'gzip',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  expect((await get('/studio/assets/main-12345678.js', { 'if-none-match': '"m"' })).status).toBe(304);
  expect((await get('/studio/assets/gone-12345678.js', { cookie })).status).toBe(404);
  expect((await get('/studio/refresh-events', { cookie })).status).toBe(204);
  const page = await get('/studio/agents/x', { cookie, accept: 'text/html' });
  expect(await page.text()).toContain('Studio');
  expect(page.headers.get('cache-control')).toBe('no-cache');
});

test('is healthy once the database and the pages answer', async () => {
  front.web.handle = (_req, res) => void res.end('ok');
  const answer = await eventually(async () => {
    const health = await get('/health');
    return health.status === 200 && health;
  });
  expect(await answer.json()).toEqual({ status: 'ok' });
});

test('tells anybody what the installation is, and an admin that they are one', async () => {
  const { userId, cookie } = await front.member();
  expect(await (await get('/api/workspace/info')).json()).toMatchObject({ demo: expect.any(Boolean), admin: false });
  expect(await (await get('/api/workspace/info', { cookie })).json()).toMatchObject({ admin: false });
  await front.context.database.db.updateTable('users').set({ role: 'admin' }).where('id', '=', userId).execute();
  const told = await eventually(async () => {
    const { admin } = (await (await get('/api/workspace/info', { cookie })).json()) as { admin: boolean };
    return admin && { admin };
  });
  expect(told).toEqual({ admin: true });
});

test('gives a request an id of its own when the given one has another shape', async () => {
  const answer = await get('/api/workspace/info', { 'x-request-id': 'a b\tc' });
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

function rawHead(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest(`${front.origin}${path}`, { headers }, (res) => {
      res.resume();
      resolve(res);
    })
      .on('error', reject)
      .end();
  });
}
