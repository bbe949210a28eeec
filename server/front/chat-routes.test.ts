import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../lib/testing.ts';
import { browser, startTestFront, type TestFront } from './testing.ts';

// What the chat between the widget and a workspace's coding agent needs of the way between them: docs/chat-api.md.
const CHAT = '/api/mastra/__shmastra/v1';
const MEGABYTE = 1024 * 1024;

let front: TestFront;
const { get, post } = browser(() => front);

beforeAll(async () => {
  front = await startTestFront();
});
afterAll(() => front.close());

/** As a page's `fetch` sends it. */
const FROM_SCRIPT = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

function followed() {
  const stream = { closed: false };
  front.sandbox.handle = (req, res) => {
    if (req.url === '/health') return void res.end('{}');
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('id: 1\ndata: {"type":"start"}\n\n');
    res.on('close', () => (stream.closed = true));
  };
  return stream;
}

async function openStream(cookie: string, signal?: AbortSignal) {
  const headers = { ...FROM_SCRIPT, cookie, accept: 'text/event-stream', 'last-event-id': '0' };
  const answer = await fetch(`${front.origin}${CHAT}/sessions/s/turns/t/stream?after=0`, {
    headers,
    ...(signal ? { signal } : {}),
  });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  return { answer, reader };
}

test('the version that the widget speaks reaches the sandbox', async () => {
  const { cookie } = await front.member();
  let seen: IncomingMessage | undefined;
  front.sandbox.handle = (req, res) => {
    seen = req;
    res.writeHead(426, { 'content-type': 'application/json' }).end('{"error":{"code":"chat_version"}}');
  };
  const answer = await get(`${CHAT}/info`, { ...FROM_SCRIPT, cookie, 'x-shmastra-chat': '1' });
  expect(seen?.headers['x-shmastra-chat']).toBe('1');
  expect(seen?.url).toBe('/__shmastra/v1/info');
  expect(answer.status).toBe(426);
  expect(await answer.json()).toEqual({ error: { code: 'chat_version' } });
});

test('a followed turn streams, extends nothing, and ends in the sandbox when the page goes', async () => {
  const { cookie } = await front.member();
  const stream = followed();
  front.context.engine.calls.length = 0;
  const abort = new AbortController();
  const { answer, reader } = await openStream(cookie, abort.signal);
  expect(answer.headers.get('x-accel-buffering')).toBe('no');
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('"start"');
  expect(stream.closed).toBe(false);
  abort.abort();
  await eventually(() => stream.closed);
  expect(front.context.engine.calls).not.toContain('extend');
});

test('following does not wake a sandbox; a prompt does', async () => {
  const { cookie, sandbox } = await front.member('paused');
  followed();
  const asleep = await get(`${CHAT}/events`, { ...FROM_SCRIPT, cookie, accept: 'text/event-stream' });
  expect(asleep.status).toBe(503);
  expect(await asleep.json()).toMatchObject({ error: { code: 'sandbox_paused' } });
  const engine = front.context.engine.sandboxes.get(sandbox.sandbox_id ?? '');
  expect(engine?.state).toBe('paused');
  front.sandbox.handle = (_req, res) => void res.writeHead(202).end('{}');
  expect((await post(`${CHAT}/sessions/s/turns`, { cookie }, '{"text":"hello"}')).status).toBe(202);
  expect(engine?.state).toBe('running');
});

test.each(['signs out', 'is disabled'] as const)('a stream is cut at once when its member %s', async (how) => {
  const { cookie, userId } = await front.member();
  const stream = followed();
  const { reader } = await openStream(cookie);
  await reader.read();
  const { db } = front.context.database;
  if (how === 'signs out') await db.deleteFrom('identity.session').where('userId', '=', userId).execute();
  else await db.updateTable('users').set({ disabled_at: new Date() }).where('id', '=', userId).execute();
  await expect(reader.read()).rejects.toThrow('terminated');
  await eventually(() => stream.closed);
});

test.each([
  ['attachments?name=report.pdf', 25],
  ['import?format=zip', 50],
])('an upload to %s of %i MB passes while it comes', async (path, megabytes) => {
  const { cookie } = await front.member();
  let received = 0;
  front.sandbox.handle = (req, res) => {
    if (req.url === '/health') return void res.end('{}');
    req.on('data', (chunk: Buffer) => (received += chunk.length));
    req.on('end', () => res.writeHead(201).end('{}'));
  };
  const socket = connect(Number(new URL(front.origin).port), '127.0.0.1');
  const size = megabytes * MEGABYTE;
  socket.write(
    `POST ${CHAT}/${path} HTTP/1.1\r\nHost: localhost\r\nOrigin: ${front.origin}\r\nCookie: ${cookie}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${size}\r\n\r\n`,
  );
  socket.write(Buffer.alloc(MEGABYTE));
  // The first part is there before the last was sent: nothing collects it.
  await eventually(() => received === MEGABYTE);
  socket.write(Buffer.alloc(size - MEGABYTE));
  const [head] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(head.toString()).toContain('201 Created');
  expect(received).toBe(size);
});

test('a download keeps its name', async () => {
  const { cookie } = await front.member();
  front.sandbox.handle = (_req, res) => {
    res.writeHead(200, {
      'content-type': 'application/zip',
      'content-disposition': 'attachment; filename="project.zip"',
      'content-length': '3',
    });
    res.end('zip');
  };
  const answer = await get(`${CHAT}/export?format=zip`, { cookie });
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="project.zip"');
  expect(await answer.text()).toBe('zip');
});
