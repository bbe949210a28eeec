import { afterEach, expect, test, vi } from 'vitest';
import type { Planner } from '../planner.ts';
import { startDemoModel } from '../testing/start.ts';
import { BODY_LIMIT } from './body.ts';

let demo: Awaited<ReturnType<typeof startDemoModel>> | undefined;
afterEach(async () => {
  await demo?.close();
  demo = undefined;
});

const log = () => ({
  info: vi.fn<(fields: object, message: string) => void>(),
  error: vi.fn<(fields: object, message: string) => void>(),
});
const post = (url: string, body: BodyInit, init: RequestInit = {}) =>
  fetch(`${url}/openai/v1/responses`, { method: 'POST', body, ...init });
const streamed = JSON.stringify({ model: 'm', input: 'Count to 1000', stream: true });
const messages = (spy: ReturnType<typeof log>['info']) => spy.mock.calls.map(([, message]) => message);

test('is healthy', async () => {
  demo = await startDemoModel();
  expect((await fetch(`${demo.url}/health`)).status).toBe(200);
});

test('bodies that are no JSON, compressed or too large are refused in the format of the provider', async () => {
  demo = await startDemoModel();
  const broken = await post(demo.url, '{');
  expect([broken.status, await broken.json()]).toMatchObject([400, { error: { code: 'invalid_json' } }]);
  const compressed = await post(demo.url, '{}', { headers: { 'content-encoding': 'gzip' } });
  expect(compressed.status).toBe(415);
  const large = await post(demo.url, ' '.repeat(BODY_LIMIT + 1));
  expect([large.status, await large.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
});

test('unknown paths and methods', async () => {
  demo = await startDemoModel();
  expect((await fetch(`${demo.url}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${demo.url}/openai/v1/files`)).status).toBe(404);
  expect((await fetch(`${demo.url}/openai/v1/responses`)).status).toBe(405);
});

test('an answer ends when its client leaves', async () => {
  const spy = log();
  demo = await startDemoModel({ delayMs: 5, log: spy });
  const controller = new AbortController();
  const answer = await post(demo.url, streamed, { signal: controller.signal });
  await answer.body?.getReader().read();
  controller.abort();
  await vi.waitFor(() => expect(messages(spy.info)).toContain('the client left'), 5_000);
});

test('a bug is answered without its details', async () => {
  const spy = log();
  const plan: Planner = () => {
    throw new Error('secret detail');
  };
  demo = await startDemoModel({ plan, log: spy });
  const answer = await post(demo.url, streamed);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret');
  expect(spy.error).toHaveBeenCalledOnce();
});
