import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EdgeRuntime } from 'edge-runtime';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../testing.ts';
import { createChecks } from './checks.ts';
import { type ProviderDouble, startProviderDouble } from './testing/double.ts';
import { createMemoryLedger } from './testing/memory-ledger.ts';
import { TEXT } from './testing/words.ts';

const USER = '0b54c5ba-6d5f-4f0e-9a3a-0a7f5bbd3c11';
const KEY = `vk_${USER}_${'a'.repeat(32)}`;
const KEY_ID = '5a0f1c3e-52a5-4c0c-8a83-3f0f6f0f9d21';
const SECRET = 'a secret of the tests that is long enough'.replaceAll(' ', '-');
const books = createMemoryLedger({
  refuse: ({ model }) => (model === 'forbidden' ? { refused: 'model_not_allowed', message: 'Not this one.' } : null),
});
let double: ProviderDouble;
let control: Server;
let runtime: EdgeRuntime;
let controlOrigin: string;

beforeAll(async () => {
  double = await startProviderDouble();
  const checks = createChecks({
    resolveKey: async (plain) => (plain === KEY ? { keyId: KEY_ID, userId: USER } : null),
    ledger: books.ledger,
    responseOwner: async (_provider, id) => (id === 'resp_own' ? USER : null),
    isSecret: (token) => token.length === SECRET.length && timingSafeEqual(Buffer.from(token), Buffer.from(SECRET)),
  });
  control = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => (text += chunk.toString()));
    req.on('end', () => {
      void checks(req.url ?? '', req.headers.authorization, text).then(({ status, body }) => {
        res.writeHead(status, { 'content-type': 'application/json' });
        res.end(JSON.stringify(body));
      });
    });
  });
  await new Promise<void>((done) => control.listen(0, '127.0.0.1', done));
  const address = control.address();
  controlOrigin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const settings = { controlOrigin, secret: SECRET, providerUrl: double.url, apiKey: 'sk-real-0123456789' };
  const { outputFiles } = await build({
    entryPoints: [resolve(import.meta.dirname, 'testing/edge-function.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    define: { SETTINGS: JSON.stringify(settings) },
  });
  runtime = new EdgeRuntime({ initialCode: outputFiles[0]?.text ?? '' });
});
afterAll(async () => {
  control.closeAllConnections();
  await new Promise((done) => control.close(done));
  await double.close();
});

const call = (body: unknown, key = KEY) =>
  runtime.dispatchFetch('http://edge.test/api/gateway/openai/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('runs as an Edge function: whole answers and streams, metered and settled over HTTP', async () => {
  const whole = await call({ model: 'gpt-5-mini', messages: [] });
  expect(await whole.json()).toMatchObject({ choices: [{ message: { content: TEXT } }] });
  expect(await eventually(() => books.settled[0])).toMatchObject({
    call: { model: 'gpt-5-mini', userId: USER },
    outcome: { usage: { inputTokens: 21, outputTokens: 17, cachedInputTokens: 5 }, status: 200 },
  });
  const stream = await call({ model: 'gpt-5-mini', messages: [], stream: true });
  const text = await stream.text();
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  expect(text).not.toContain('total_tokens');
  expect(await eventually(() => books.settled[1])).toMatchObject({ outcome: { usage: { outputTokens: 17 } } });
  expect(double.calls.at(-1)?.headers.authorization).toBe('Bearer sk-real-0123456789');
});

test('keys and limits are checked by the control plane, and only for who has the secret', async () => {
  expect((await call({ model: 'm' }, `vk_${USER}_${'b'.repeat(32)}`)).status).toBe(401);
  const refused = await call({ model: 'forbidden' });
  expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'model_not_allowed' } }]);
  const stranger = await fetch(`${controlOrigin}/api/internal/gateway/key`, {
    method: 'POST',
    headers: { authorization: 'Bearer guess' },
    body: JSON.stringify({ key: KEY, address: null }),
  });
  expect(stranger.status).toBe(401);
});

test('whose a previous response is, the control plane tells as well', async () => {
  const goOn = (previous: string) =>
    runtime.dispatchFetch('http://edge.test/api/gateway/openai/v1/responses', {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5-mini', input: 'and?', previous_response_id: previous }),
    });
  const answer = await goOn('resp_own');
  expect([answer.status, await answer.json()]).toMatchObject([200, { object: 'response' }]);
  expect((await eventually(() => books.settled.at(-1)?.outcome.responseId))?.startsWith('resp_')).toBe(true);
  const foreign = await goOn('resp_theirs');
  expect([foreign.status, await foreign.json()]).toMatchObject([
    400,
    { error: { code: 'previous_response_not_found' } },
  ]);
});

test('the control plane books no names that the gateway would not let pass', async () => {
  const reserve = (given: object) => {
    const facts = { userId: USER, keyId: KEY_ID, provider: 'openai', operation: 'generate', stream: false };
    const call = { ...facts, requestId: 'request-1', requestBytes: 1, maxOutputTokens: null, images: 0, ...given };
    return fetch(`${controlOrigin}/api/internal/gateway/reserve`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}` },
      body: JSON.stringify({ call }),
    });
  };
  const statuses = [
    { model: 'm' },
    { model: 'm\0' },
    { model: 'm', provider: 'p\0' },
    { model: 'm', requestId: '\ud800' },
  ];
  expect(await Promise.all(statuses.map(async (given) => (await reserve(given)).status))).toEqual([200, 400, 400, 400]);
});

test('the core imports nothing from Node', async () => {
  const folder = import.meta.dirname;
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((name) => /^(?!testing\/).*(?<!\.test)\.ts$/.test(name))) {
    const source = await readFile(join(folder, file), 'utf8');
    expect([file, /from '(?:node:|undici)/.test(source), /\b(?:Buffer|process)\b\./.test(source)]).toEqual([
      file,
      false,
      false,
    ]);
  }
});
