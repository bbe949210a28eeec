import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { serverToken } from '../../lib/sandbox/index.ts';
import { eventually } from '../../lib/testing.ts';
import { browser, rawStatus, startTestFront, type TestFront } from './testing.ts';

let front: TestFront;
const { get, post } = browser(() => front);

beforeAll(async () => {
  front = await startTestFront();
});
afterAll(() => front.close());
beforeEach(() => {
  front.sandbox.handle = (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"from":"sandbox"}');
  };
});

test('streams a studio request to the sandbox of the session with the server token, and nothing of the visitor', async () => {
  const { cookie, sandbox } = await front.member();
  let seen: IncomingMessage | undefined;
  front.sandbox.handle = (req, res) => {
    seen = req;
    res.writeHead(200, {
      'content-type': 'application/json',
      'set-cookie': 'evil=1',
      'x-accel-redirect': '/etc/passwd',
    });
    res.end('{}');
  };
  const answer = await get('/api/mastra/api/agents?a=1', {
    cookie,
    authorization: 'Bearer visitor',
    'x-forwarded-for': '9.9.9.9',
    'x-request-id': 'browser-0001',
    'x-mastra-client-type': 'studio',
  });
  expect(answer.status).toBe(200);
  expect(seen?.url).toBe('/api/agents?a=1');
  expect(seen?.headers).toMatchObject({
    host: `4111-${sandbox.sandbox_id}.sandbox.localhost`,
    authorization: `Bearer ${serverToken(front.context.settings, sandbox)}`,
    'x-request-id': 'browser-0001',
    'x-mastra-client-type': 'studio',
  });
  expect(seen?.headers.cookie).toBeUndefined();
  expect(seen?.headers['x-forwarded-for']).toBeUndefined();
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(answer.headers.get('x-accel-redirect')).toBeNull();
  expect(answer.headers.get('content-security-policy')).toContain('sandbox');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('x-request-id')).toBe('browser-0001');
});

test('answers who is not signed in with 401 for the API and the sign-in page for Studio', async () => {
  const api = await get('/api/mastra/api/agents');
  expect(api.status).toBe(401);
  expect(await api.json()).toMatchObject({ error: { code: 'not_signed_in' } });
  const page = await get('/studio/agents?x=1', { accept: 'text/html' });
  expect(page.status).toBe(302);
  expect(page.headers.get('location')).toBe('/sign-in?returnTo=%2Fstudio%2Fagents%3Fx%3D1');
  const forged = await get('/api/mastra/api/agents', { cookie: 'shmastra.session_token=abc.def' });
  expect(forged.status).toBe(401);
});

test('refuses a member as soon as access was switched off', async () => {
  const { cookie, userId } = await front.member();
  expect((await get('/api/mastra/api/agents', { cookie })).status).toBe(200);
  await front.context.database.db
    .updateTable('users')
    .set({ disabled_at: new Date() })
    .where('id', '=', userId)
    .execute();
  await eventually(async () => [401, 403].includes((await get('/api/mastra/api/agents', { cookie })).status));
});

test.each(['provisioning', 'healing', 'broken'] as const)('says why a %s sandbox does not answer', async (status) => {
  const { cookie } = await front.member(status);
  const api = await get('/api/mastra/api/agents', { cookie });
  expect(api.status).toBe(503);
  expect(await api.json()).toMatchObject({ status, error: { code: `sandbox_${status}` } });
  const page = await get('/studio/agents', { cookie, accept: 'text/html' });
  expect(page.headers.get('location')).toBe('/workspace?returnTo=%2Fstudio%2Fagents');
});

test('refuses writes and sockets that other pages cause', async () => {
  const { cookie } = await front.member();
  const foreign = await post('/api/mastra/api/agents', { cookie, origin: 'https://evil.example' }, '{}');
  expect(foreign.status).toBe(403);
  const without = await fetch(`${front.origin}/api/activity`, { method: 'POST', headers: { cookie } });
  expect(without.status).toBe(403);
  const script = await get('/api/mastra/x.js', { cookie, 'sec-fetch-dest': 'script', 'sec-fetch-site': 'same-origin' });
  expect(script.status).toBe(403);
});

test.each([
  '/api/mastra/..%2fapi',
  '/api/mastra/%2e%2e/x',
  '/api/mastra/a%5cb',
  '/api/mastra/a%00',
  '/studio/..;/%2e%2e/etc',
])('refuses the path %s', async (path) => {
  expect(await rawStatus(front.origin, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toBe(
    400,
  );
});

test('passes the chunks of a stream as they come and stops the sandbox when the browser goes', async () => {
  const { cookie } = await front.member();
  let closed = false;
  let release: () => void = () => {};
  front.sandbox.handle = (req, res) => {
    if (req.url === '/health') return void res.end('{}');
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: one\n\n');
    release = () => res.write('data: two\n\n');
    res.on('close', () => (closed = true));
  };
  const abort = new AbortController();
  const answer = await fetch(`${front.origin}/api/mastra/api/stream`, {
    method: 'POST',
    headers: { cookie, origin: front.origin },
    body: '{}',
    signal: abort.signal,
  });
  expect(answer.headers.get('x-accel-buffering')).toBe('no');
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await read()).toBe('data: one\n\n');
  release();
  expect(await read()).toBe('data: two\n\n');
  abort.abort();
  await eventually(() => closed);
});

test('cuts the connection when the sandbox breaks off, so that a truncated answer is not taken for a whole one', async () => {
  const { cookie } = await front.member();
  front.sandbox.handle = (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: half\n\n', () => res.destroy());
  };
  const answer = await get('/api/mastra/api/stream', { cookie });
  await expect(answer.text()).rejects.toThrow('terminated');
});

test('streams uploads through and refuses what is too large', async () => {
  const { cookie } = await front.member();
  let size = 0;
  front.sandbox.handle = (req, res) => {
    req.on('data', (chunk: Buffer) => (size += chunk.length));
    req.on('end', () => res.end('{}'));
  };
  const body = 'x'.repeat(3 * 1024 * 1024);
  expect((await post('/api/mastra/api/files', { cookie }, body)).status).toBe(200);
  expect(size).toBe(body.length);
  const status = await rawStatus(
    front.origin,
    `POST /api/mastra/x HTTP/1.1\r\nHost: localhost\r\nOrigin: ${front.origin}\r\nCookie: ${cookie}\r\nContent-Length: 104857601\r\n\r\n`,
  );
  expect(status).toBe(413);
});

test('does not repeat a write when the connection breaks', async () => {
  const { cookie } = await front.member();
  let calls = 0;
  front.sandbox.handle = (req, res) => {
    if (req.url === '/health') return void res.end('{}');
    calls += 1;
    res.socket?.destroy();
  };
  const answer = await post('/api/mastra/api/run', { cookie }, '{}');
  expect(answer.status).toBe(502);
  expect(calls).toBe(1);
});

test('drops redirects to elsewhere and keeps those below the mount', async () => {
  const { cookie } = await front.member();
  front.sandbox.handle = (_req, res) => void res.writeHead(302, { location: 'https://evil.example/' }).end();
  const away = await get('/api/mastra/login', { cookie });
  expect(away.status).toBe(302);
  expect(away.headers.get('location')).toBeNull();
  front.sandbox.handle = (_req, res) => void res.writeHead(302, { location: '/api/agents' }).end();
  expect((await get('/api/mastra/login', { cookie })).headers.get('location')).toBe('/api/mastra/api/agents');
});

test('pipes a WebSocket to the sandbox and refuses one of another origin', async () => {
  const { cookie } = await front.member();
  const sockets = new WebSocketServer({ noServer: true });
  const paths: (string | undefined)[] = [];
  front.sandbox.server.removeAllListeners('upgrade');
  front.sandbox.server.on('upgrade', (req, socket, head) => {
    paths.push(req.url, req.headers.cookie);
    sockets.handleUpgrade(req, socket, head, (ws) => ws.on('message', (data) => ws.send(`echo ${data.toString()}`)));
  });
  const url = `${front.origin.replace('http', 'ws')}/browser/a1/stream?threadId=1`;
  const socket = new WebSocket(url, { headers: { cookie, origin: front.origin } });
  await once(socket, 'open');
  socket.send('hi');
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(message.toString()).toBe('echo hi');
  expect(paths).toEqual(['/browser/a1/stream?threadId=1', undefined]);
  socket.close();
  const foreign = new WebSocket(url, { headers: { cookie, origin: 'https://evil.example' } });
  const [error] = (await once(foreign, 'error')) as [Error];
  expect(error.message).toContain('403');
  sockets.close();
});

test('keeps people apart: a session reaches its own sandbox only, whatever it sends', async () => {
  const [one, two] = [await front.member(), await front.member()];
  const hosts: (string | undefined)[] = [];
  front.sandbox.handle = (req, res) => {
    hosts.push(req.headers.host);
    res.end('{}');
  };
  await get('/api/mastra/api/agents', { cookie: one.cookie, 'e2b-sandbox-id': two.sandbox.sandbox_id ?? '' });
  await get('/api/mastra/api/agents', { cookie: two.cookie, 'e2b-sandbox-id': one.sandbox.sandbox_id ?? '' });
  expect(hosts).toEqual([one, two].map(({ sandbox }) => `4111-${sandbox.sandbox_id}.sandbox.localhost`));
});

test('a HEAD request has the headers of the answer and no body', async () => {
  const { cookie } = await front.member();
  front.sandbox.handle = (_req, res) => void res.writeHead(200, { 'content-length': '5', etag: '"e"' }).end();
  const answer = await fetch(`${front.origin}/api/mastra/file`, { method: 'HEAD', headers: { cookie } });
  expect([answer.status, answer.headers.get('content-length'), answer.headers.get('etag')]).toEqual([200, '5', '"e"']);
});
