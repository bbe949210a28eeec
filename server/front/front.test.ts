import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { serverToken } from '../../lib/sandbox/index.ts';
import { eventually } from '../../lib/testing.ts';
import { startTestFront, type TestFront } from './testing.ts';

let front: TestFront;

beforeAll(async () => {
  front = await startTestFront();
});
afterAll(() => front.close());
beforeEach(() => {
  front.sandbox.handle = (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"from":"sandbox"}');
  };
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${front.origin}${path}`, { headers, redirect: 'manual' });
const post = (path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(`${front.origin}${path}`, {
    method: 'POST',
    headers: { origin: front.origin, ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });

test('streams a studio request to the sandbox of the session with the server token, and nothing of the visitor', async () => {
  const { cookie, sandbox } = await front.member();
  let seen: IncomingMessage | undefined;
  front.sandbox.handle = (req, res) => {
    seen = req;
    res.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'evil=1', 'x-accel-redirect': '/etc/passwd' });
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

test.each(['/api/mastra/..%2fapi', '/api/mastra/%2e%2e/x', '/api/mastra/a%5cb', '/api/mastra/a%00', '/studio/..;/%2e%2e/etc'])(
  'refuses the path %s',
  async (path) => {
    expect(await rawStatus(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toBe(400);
  },
);

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
  await expect(answer.text()).rejects.toThrow();
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

test('a background read neither wakes nor extends a paused sandbox; a click does both', async () => {
  const { cookie, sandbox } = await front.member('paused');
  const engine = front.context.engine.sandboxes.get(sandbox.sandbox_id ?? '');
  const asleep = await get('/api/mastra/api/agents', { cookie });
  expect(asleep.status).toBe(503);
  expect(asleep.headers.get('retry-after')).toBe('30');
  expect(await asleep.json()).toMatchObject({ status: 'paused', error: { code: 'sandbox_paused' } });
  expect(engine?.state).toBe('paused');
  expect((await post('/api/activity', { cookie })).status).toBe(200);
  expect(engine?.state).toBe('running');
  expect((await get('/api/mastra/api/agents', { cookie })).status).toBe(200);
});

test('a write finds out that the engine has paused a sandbox that the database calls ready, and wakes it first', async () => {
  const { cookie, sandbox } = await front.member();
  const engine = front.context.engine.sandboxes.get(sandbox.sandbox_id ?? '');
  if (engine) engine.state = 'paused';
  const bodies: string[] = [];
  front.sandbox.handle = (req, res) => {
    if (req.url === '/health') return void res.end('{}');
    req.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
    req.on('end', () => res.end('{}'));
  };
  expect((await post('/api/mastra/api/run', { cookie }, '{"once":true}')).status).toBe(200);
  expect(bodies).toEqual(['{"once":true}']);
  expect(engine?.state).toBe('running');
});

test('a read that meets a paused sandbox tells the database, and a navigation wakes it', async () => {
  const { cookie, sandbox, userId } = await front.member();
  const engine = front.context.engine.sandboxes.get(sandbox.sandbox_id ?? '');
  if (engine) engine.state = 'paused';
  expect((await get('/api/mastra/api/agents', { cookie })).status).toBe(503);
  const row = await front.context.database.db
    .selectFrom('sandboxes')
    .select('status')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  expect(row.status).toBe('paused');
  const page = await get('/studio', { cookie, accept: 'text/html' });
  expect(page.status).toBe(200);
  expect(engine?.state).toBe('running');
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
  const status = await rawStatus('GET /sign-in HTTP/1.1\r\nHost: x.apps.localhost:3000\r\nConnection: close\r\n\r\n');
  expect(status).toBe(404);
});

test('serves the files of Studio compressed, with validators', async () => {
  const { cookie } = await front.member();
  const script = await rawHead('/studio/assets/main-12345678.js', { 'accept-encoding': 'gzip' });
  expect(script.headers).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'public, max-age=31536000, immutable' });
  expect((await get('/studio/assets/main-12345678.js', { 'if-none-match': '"m"' })).status).toBe(304);
  expect((await get('/studio/assets/gone-12345678.js', { cookie })).status).toBe(404);
  expect((await get('/studio/refresh-events', { cookie })).status).toBe(204);
  const page = await get('/studio/agents/x', { cookie, accept: 'text/html' });
  expect(await page.text()).toContain('Studio');
  expect(page.headers.get('cache-control')).toBe('no-cache');
});

test('is healthy once the database and the pages answer', async () => {
  front.web.handle = (_req, res) => void res.end('ok');
  await eventually(async () => (await get('/health')).status === 200);
});

test('gives a request an id of its own when the given one has another shape', async () => {
  const answer = await get('/api/workspace/info', { 'x-request-id': 'a b\tc' });
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

async function rawStatus(text: string): Promise<number> {
  const socket = connect(Number(new URL(front.origin).port), '127.0.0.1');
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(data.toString().split(' ')[1]);
}

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

