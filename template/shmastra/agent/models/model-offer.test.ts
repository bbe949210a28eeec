import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Models } from './model-offer.ts';

let answer: { status: number; body: unknown };
let asked: (string | undefined)[] = [];
const server = createServer(({ url, headers }, response) => {
  asked.push(`${url} ${headers.authorization}`);
  response.writeHead(answer.status).end(JSON.stringify(answer.body));
});
let environment: Record<string, string>;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  environment = { SANDBOX_CONTROL_URL: `http://127.0.0.1:${port}`, VIRTUAL_KEY: 'vk_x', DEFAULT_MODEL: 'openai/own' };
});
beforeEach(() => void (asked = []));
afterAll(() => void server.close());

const tiers = { fast: ['a/fast'], general: ['a/one', 'b/two'], best: [], developer: ['a/code'] };

test('asks once, with the key', async () => {
  answer = { status: 200, body: { demo: true, default: 'general', tiers, composio: true } };
  const models = new Models(() => environment);
  expect(await models.choose(undefined)).toEqual({ tier: 'general', models: ['a/one', 'b/two'], demo: true });
  expect((await models.choose('fast')).models).toEqual(['a/fast']);
  expect(await models.choose('best')).toMatchObject({ tier: 'general' });
  expect((await models.tiers()).map(({ model }) => model)).toEqual(['a/fast', 'a/one', null, 'a/code']);
  expect(asked).toEqual(['/api/gateway/shmastra/models Bearer vk_x']);
});

test.each([
  ['an older control plane', { status: 404, body: {} }],
  ['a failure', { status: 500, body: {} }],
  ['nonsense', { status: 200, body: { tiers: 1 } }],
])('takes the model of the environment after %s', async (_name, given) => {
  answer = given;
  expect(await new Models(() => environment).choose('best')).toMatchObject({ tier: 'best', models: ['openai/own'] });
});

test('takes prices where they are, and models without them', async () => {
  const rates = { input: 1, cachedInput: 1, cacheWrite: 1, output: 2, reasoning: 2 };
  const offer = { demo: false, default: 'general', tiers, composio: false };
  answer = { status: 200, body: { ...offer, prices: { 'a/one': rates } } };
  expect((await new Models(() => environment).offer()).prices).toEqual({ 'a/one': rates });
  for (const prices of [undefined, { 'a/one': { perWord: 1 } }]) {
    answer = { status: 200, body: { ...offer, prices } };
    expect(await new Models(() => environment).offer()).toEqual({ ...offer, prices: {} });
  }
});

test('keeps what it knew when the control plane is away', async () => {
  answer = { status: 200, body: { demo: false, default: 'fast', tiers } };
  const models = new Models(() => environment);
  await models.offer();
  models.forget();
  answer = { status: 503, body: {} };
  expect(await models.choose(undefined)).toMatchObject({ tier: 'fast', models: ['a/fast'] });
});
