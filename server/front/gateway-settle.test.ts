import { deepEqual } from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGatewayCore, type GatewayCore } from '../../lib/gateway/core.ts';
import type { LimitRefusal, CallFacts } from '../../lib/gateway/ledger.ts';
import type { GatewayLimits } from '../../lib/gateway/limits.ts';
import { createMemoryLedger } from '../../lib/gateway/testing/memory-ledger.ts';
import { eventually } from '../../lib/testing.ts';
import { providerDispatcher } from './dispatchers.ts';
import { createGatewayRoute } from './gateway-route.ts';
import { listen } from './testing.ts';

/** What becomes of a call in the books, whatever happens to it: the transport of the front with a ledger in memory. */
const USER = '0b54c5ba-6d5f-4f0e-9a3a-0a7f5bbd3c11';
const KEY = `vk_${USER}_${'a'.repeat(32)}`;
const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const WHOLE = JSON.stringify({ choices: [{ message: { content: 'hi' } }], usage: USAGE });
const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;

let provider: RequestListener;
let upstream: Server;
let server: Server;
let origin: string;
let books: ReturnType<typeof createMemoryLedger>;
let core: GatewayCore;
let refuse: (call: CallFacts) => LimitRefusal | null;
let booking: () => void | Promise<void>;
const dispatcher = providerDispatcher();
const errors: unknown[] = [];

async function start(
  limits: Partial<GatewayLimits> = {},
  secrets = ['sk-first-0123456789', 'sk-second-0123456789'],
): Promise<void> {
  const port = await listen(upstream);
  const keys = secrets.map((secret) => ({ secret, weight: 1 }));
  core = createGatewayCore({
    resolveKey: async (plain) => (plain === KEY ? { keyId: 'k1', userId: USER } : null),
    providers: new Map([
      ['openai', { name: 'openai', protocol: 'openai', baseUrl: `http://127.0.0.1:${port}/v1`, keys, demo: false }],
    ]),
    ledger: books.ledger,
    log: { info: () => {}, warn: () => {} },
    limits,
  });
  const route = createGatewayRoute(core, dispatcher);
  server = createServer((req, res) => {
    route({ requestId: 'r-1', path: req.url ?? '', query: '' }, req, res).catch((error: unknown) => {
      errors.push(error);
      res.destroy();
    });
  });
  origin = `http://127.0.0.1:${await listen(server)}`;
}

beforeEach(() => {
  refuse = () => null;
  booking = () => {};
  books = createMemoryLedger({ refuse: (call) => refuse(call), booking: () => booking() });
  provider = (_req, res) => json(res, 200, WHOLE);
  upstream = createServer((req, res) => provider(req, res));
});
afterEach(async () => {
  for (const one of [server, upstream]) {
    one.closeAllConnections();
    await new Promise((done) => one.close(done));
  }
  deepEqual(errors, []);
  deepEqual([books.open.size, core.state.bodies.used, core.state.drains], [0, 0, 0]);
});

const call = (body: unknown, init: RequestInit & { duplex?: 'half' } = {}, path = '/chat/completions') =>
  fetch(`${origin}/api/gateway/openai/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
const settled = () => eventually(() => books.settled[0]);

function json(res: Parameters<RequestListener>[1], status: number, text: string, headers = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(text);
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a call is settled with what the provider says, and tells the caller what it cost in time', async () => {
  await start();
  const answer = await call({ model: 'm', max_tokens: 7, n: 2 });
  expect(await answer.text()).toBe(WHOLE);
  expect(Number(answer.headers.get('x-gateway-overhead-ms'))).toBeGreaterThan(0);
  expect(await settled()).toMatchObject({
    call: { model: 'm', operation: 'generate', maxOutputTokens: 14, stream: false, provider: 'openai' },
    outcome: { usage: { inputTokens: 10, outputTokens: 5 }, billable: true, status: 200, clientGone: false },
  });
});

const SSE = { 'content-type': 'text/event-stream' };
const LONG = JSON.stringify({ choices: [{ message: { content: 'x'.repeat(200_000) } }], usage: USAGE });
test.each<[string, RequestListener]>([
  ['in one piece', (_req, res) => json(res, 200, WHOLE, { 'content-length': WHOLE.length })],
  ['in chunks', (_req, res) => json(res, 200, WHOLE)],
  ['that is long', (_req, res) => json(res, 200, LONG, { 'content-length': LONG.length })],
  [
    'whose body comes after its head',
    (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': WHOLE.length }).flushHeaders();
      setTimeout(() => res.end(WHOLE), 10);
    },
  ],
  ['that is a stream', (_req, res) => res.writeHead(200, SSE).end(`${data({ usage: USAGE })}data: [DONE]\n\n`)],
  ['that is an error', (_req, res) => json(res, 400, '{"error":{"message":"bad"}}')],
  ['that is replaced', (_req, res) => json(res, 403, '{"error":{"message":"bad"}}')],
])('an answer %s has its end once the call is booked', async (_name, answer) => {
  await start({}, ['sk-first-0123456789']);
  provider = answer;
  const order: string[] = [];
  booking = () => new Promise((resolve) => setTimeout(() => resolve(void order.push('booked')), 30));
  for (const round of [1, 2]) {
    await (await call({ model: 'm' })).text();
    order.push(`read ${round}`);
  }
  expect(order).toEqual(['booked', 'read 1', 'booked', 'read 2']);
});

test('what is refused by a limit, or by the provider, costs nothing', async () => {
  await start();
  refuse = () => ({ refused: 'budget', message: 'No money.', resetsAt: '2026-12-01T00:00:00Z' });
  const refused = await call({ model: 'm' });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('x-should-retry')).toBe('false');
  expect(await refused.json()).toMatchObject({
    error: { code: 'insufficient_quota', message: 'No money.', resets_at: '2026-12-01T00:00:00Z' },
  });
  expect(books.settled).toEqual([]);
  refuse = () => null;
  provider = (_req, res) => json(res, 400, '{"error":{"message":"bad"}}');
  const bad = await call({ model: 'm' });
  expect([bad.status, await bad.text()]).toEqual([400, '{"error":{"message":"bad"}}']);
  expect(await settled()).toMatchObject({ outcome: { usage: null, billable: false, status: 400 } });
});

test.each([401, 429, 500, 503])(
  'after %s another key is tried, once each, and the call is settled once',
  async (status) => {
    await start();
    const keys: unknown[] = [];
    provider = (req, res) => {
      keys.push(req.headers.authorization);
      if (keys.length === 1) json(res, status, '{"error":{}}');
      else json(res, 200, WHOLE);
    };
    expect((await call({ model: 'm' })).status).toBe(200);
    expect(new Set(keys).size).toBe(2);
    await settled();
    expect(books.settled).toHaveLength(1);
  },
);

test('when all keys fail the last answer is told', async () => {
  await start();
  let calls = 0;
  provider = (_req, res) => {
    calls++;
    json(res, 503, '{"error":{"message":"busy"}}', { 'retry-after': '7' });
  };
  const answer = await call({ model: 'm' });
  expect([answer.status, answer.headers.get('retry-after'), calls]).toEqual([503, '7', 2]);
});

test('a stream that breaks off is an estimate, and one without its caller is read on to its usage', async () => {
  await start({ drainMs: 5000 });
  provider = (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(data({ choices: [{}], usage: null }), () => res.destroy());
  };
  await expect(call({ model: 'm', stream: true }).then((answer) => answer.text())).rejects.toThrow(Error);
  expect(await settled()).toMatchObject({ outcome: { usage: null, billable: true, clientGone: false } });
  books.settled.length = 0;
  let finish = (): void => {};
  provider = (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(data({ choices: [{}], usage: null }));
    finish = () => res.end(`${data({ choices: [], usage: USAGE })}data: [DONE]\n\n`);
  };
  const abort = new AbortController();
  const answer = await call({ model: 'm', stream: true }, { signal: abort.signal });
  await answer.body?.getReader().read();
  abort.abort();
  await eventually(() => core.state.drains === 1);
  finish();
  expect(await settled()).toMatchObject({
    outcome: { usage: { inputTokens: 10 }, billable: true, clientGone: true, status: 499 },
  });
});

test('an answer without its caller is cut after a time, and after some bytes', async () => {
  await start({ drainMs: 100, drainBytes: 300_000 });
  for (const size of [10, 100_000]) {
    let closed = false;
    provider = (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => res.write(`: ${'x'.repeat(size)}\n\n`), 5);
      res.on('close', () => {
        closed = true;
        clearInterval(timer);
      });
    };
    const abort = new AbortController();
    const answer = await call({ model: 'm', stream: true }, { signal: abort.signal });
    await answer.body?.getReader().read();
    abort.abort();
    await eventually(() => closed);
    expect(await settled()).toMatchObject({ outcome: { usage: null, billable: true, clientGone: true } });
    books.settled.length = 0;
  }
});

const filler = 'x'.repeat(3_000_000);

test('large bodies stream through with the model at their end, and usage is turned on there', async () => {
  await start();
  let received = '';
  provider = async (req, res) => {
    received = await bodyOf(req);
    json(res, 200, WHOLE);
  };
  const body = JSON.stringify({ messages: [{ role: 'user', content: filler }], stream: true, model: 'late' });
  expect((await call(body)).status).toBe(200);
  expect(JSON.parse(received)).toEqual({ ...JSON.parse(body), stream_options: { include_usage: true } });
  expect(await settled()).toMatchObject({ call: { model: 'late', requestBytes: body.length } });
});

test.each<[string, string, number]>([
  ['a second model', `{"model":"a","x":"${filler}","model":"b"}`, 400],
  ['a file of somebody', `{"model":"a","messages":["${filler}",{"file_id":"file-1"}]}`, 403],
  ['no end', `{"model":"a","x":"${filler}"`, 400],
  ['a model that is not allowed', `{"x":"${filler}","model":"forbidden"}`, 403],
])('a large body with %s never gets to the provider whole', async (_name, body, status) => {
  await start();
  let whole = false;
  provider = (req, res) => {
    req.on('end', () => {
      whole = true;
      json(res, 200, WHOLE);
    });
    req.on('error', () => {}).resume();
  };
  refuse = ({ model }) => (model === 'forbidden' ? { refused: 'model_not_allowed', message: 'Not this one.' } : null);
  const answer = await call(body);
  expect(answer.status).toBe(status);
  expect(await settled()).toMatchObject({ outcome: { billable: false } });
  expect(whole).toBe(false);
});

test('bodies together take up no more memory than is set', async () => {
  await start({ bodyMemory: 500_000 });
  const body = `{"model":"a","x":"${'x'.repeat(600_000)}"}`;
  const answer = await call(body);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
});

test('an error that quotes the real key is not passed on', async () => {
  await start();
  provider = (req, res) => json(res, 400, `{"error":"bad header ${req.headers.authorization}"}`);
  const answer = await call({ model: 'm' });
  expect(answer.status).toBe(400);
  const text = await answer.text();
  expect(text).toContain('provider_error');
  expect(text).not.toMatch(/sk-(?:first|second)/);
  provider = (_req, res) => json(res, 500, 'x'.repeat(200_000));
  expect((await call({ model: 'm' })).status).toBe(502);
});

test('leaves nothing behind on a connection that is used again and again', async () => {
  await start();
  const counts: number[] = [];
  server.on('connection', (socket) => {
    server.on('request', (_req, res) => {
      res.on('finish', () => counts.push(socket.listenerCount('close') + socket.listenerCount('drain')));
    });
  });
  for (let index = 0; index < 30; index++) await (await call({ model: 'm' })).text();
  expect(Math.max(...counts.slice(-5))).toBeLessThanOrEqual(Math.max(...counts.slice(0, 5)));
});
