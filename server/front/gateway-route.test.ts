import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintVirtualKey } from '../../lib/virtual-keys/index.ts';
import { eventually } from '../../lib/testing.ts';
import { listen, startTestFront, type TestFront } from './testing.ts';

let front: TestFront;
let key: string;
let provider: RequestListener = (_req, res) => void res.end('{}');
const upstream = createServer((req, res) => provider(req, res));

beforeAll(async () => {
  const port = await listen(upstream);
  front = await startTestFront({
    CONTROL_LISTEN: '127.0.0.1:0',
    OPENAI_API_KEY: 'sk-real-secret',
    GATEWAY_DRAIN_SECONDS: '1',
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
  });
  const { userId, sandbox } = await front.member();
  key = await mintVirtualKey(front.context, { userId, sandbox: sandbox.id });
});
afterAll(async () => {
  await front.close();
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

const call = (init: RequestInit = {}) =>
  fetch(`${front.controlOrigin}/api/gateway/openai/v1/responses`, {
    method: 'POST',
    body: '{"model":"gpt-5-mini","stream":true}',
    ...init,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers },
  });

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('serves sandboxes on the control listener alone', async () => {
  const inPublic = await fetch(`${front.origin}/api/gateway/openai/v1/responses`, { method: 'POST', body: '{}' });
  expect(inPublic.status).toBe(404);
  expect((await fetch(`${front.controlOrigin}/sign-in`)).status).toBe(404);
  expect((await fetch(`${front.controlOrigin}/api/mastra/api/agents`)).status).toBe(404);
});

test('sends the body on untouched with the real key and answers with the same chunks', async () => {
  let received: { headers: IncomingMessage['headers']; body: string } | undefined;
  let next: () => void = () => {};
  provider = async (req, res) => {
    received = { headers: req.headers, body: await bodyOf(req) };
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: {"a":1}\n\n');
    next = () => res.end('data: [DONE]\n\n');
  };
  const body = JSON.stringify({ model: 'gpt-5-mini', input: 'ä'.repeat(2_000_000) });
  const answer = await call({ body });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await read()).toBe('data: {"a":1}\n\n');
  next();
  expect(await read()).toBe('data: [DONE]\n\n');
  expect(received?.body).toBe(body);
  expect(received?.headers['authorization']).toBe('Bearer sk-real-secret');
  expect(JSON.stringify(received?.headers)).not.toContain(key);
});

test('leaves compressed answers compressed and says so', async () => {
  const packed = brotliCompressSync('{"model":"x"}');
  provider = (_req, res) => {
    res.writeHead(200, {
      'content-type': 'application/json',
      'content-encoding': 'br',
      'content-length': packed.length,
    });
    res.end(packed);
  };
  const text = await rawCall('{"model":"gpt-5-mini"}');
  const [head = '', ...rest] = text.toString('latin1').split('\r\n\r\n');
  expect(head.toLowerCase()).toContain('content-encoding: br');
  expect(Buffer.from(rest.join('\r\n\r\n'), 'latin1').includes(packed)).toBe(true);
});

test('ends the call upstream when the sandbox hangs up', async () => {
  let closed = false;
  provider = (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: 1\n\n');
    res.on('close', () => (closed = true));
  };
  const abort = new AbortController();
  const answer = await call({ signal: abort.signal });
  await (answer.body as ReadableStream<Uint8Array>).getReader().read();
  expect(closed).toBe(false);
  abort.abort();
  await eventually(() => closed);
});

test('ends the call upstream when the sandbox hangs up before the answer began', async () => {
  let started = false;
  let closed = false;
  provider = (_req, res) => {
    started = true;
    res.on('close', () => (closed = true));
  };
  const abort = new AbortController();
  const answer = call({ signal: abort.signal });
  await eventually(() => started);
  abort.abort();
  await expect(answer).rejects.toThrow('aborted');
  await eventually(() => closed);
});

test('a stream that breaks off upstream is not ended as if it were whole', async () => {
  provider = (_req, res: ServerResponse) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: half\n\n', () => res.destroy());
  };
  await expect(call().then((answer) => answer.text())).rejects.toThrow('terminated');
});

test('holds back a provider that is faster than the sandbox reads', async () => {
  let written = 0;
  provider = (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = Buffer.alloc(256 * 1024, 'x');
    // `more` is called when the chunk has left the process.
    const more = (): void => {
      written += 1;
      if (written < 200) res.write(chunk, more);
    };
    more();
  };
  const socket = await openCall('{"model":"gpt-5-mini"}');
  socket.pause();
  let last = -1;
  await eventually(async () => {
    if (written === last && written > 0) return true;
    last = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return false;
  });
  expect(written).toBeLessThan(100);
  socket.destroy();
});

async function openCall(body: string) {
  const url = new URL(front.controlOrigin ?? '');
  const socket = connect(Number(url.port), url.hostname);
  socket.write(
    `POST /api/gateway/openai/v1/responses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nAccept-Encoding: br\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, 'connect');
  return socket;
}

async function rawCall(body: string): Promise<Buffer> {
  const socket = await openCall(body);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('tells a sandbox which models it may use, on the control listener alone', async () => {
  const ask = (origin: string | null) =>
    fetch(`${origin}/api/gateway/shmastra/models`, { headers: { authorization: `Bearer ${key}` } });
  const answer = await ask(front.controlOrigin);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    demo: false,
    default: 'general',
    composio: false,
    tiers: { general: expect.arrayContaining(['openai/gpt-5-mini']) as string[] },
  });
  expect((await ask(front.origin)).status).toBe(404);
});
