import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../lib/testing.ts';
import { browser, startTestFront, type TestFront } from './testing.ts';

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

test('many requests at once wake a sandbox once', async () => {
  const { cookie } = await front.member('paused');
  front.context.engine.calls.length = 0;
  const answers = await Promise.all(Array.from({ length: 10 }, () => post('/api/activity', { cookie })));
  expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 200));
  expect(front.context.engine.calls.filter((call) => call === 'connect')).toHaveLength(1);
});

test('reads never extend, writes do, not more than once a minute', async () => {
  const { cookie } = await front.member();
  front.context.engine.calls.length = 0;
  for (let count = 0; count < 5; count++) await get('/api/mastra/api/agents', { cookie });
  expect(front.context.engine.calls).not.toContain('extend');
  for (let count = 0; count < 5; count++) await post('/api/mastra/api/run', { cookie }, '{}');
  // It happens beside the request, which does not wait for it.
  await eventually(() => front.context.engine.calls.includes('extend'));
  expect(front.context.engine.calls.filter((call) => call === 'extend')).toHaveLength(1);
});

test('a wake that takes long answers 503 with Retry-After and goes on', async () => {
  const { cookie, sandbox } = await front.member('paused');
  const engine = front.context.engine;
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  engine.before = (operation) => (operation === 'connect' ? held : undefined);
  const answer = await post('/api/workspace/wake', { cookie });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]$/);
  expect(await answer.json()).toMatchObject({ error: { code: 'sandbox_waking' } });
  release();
  engine.before = () => {};
  const second = await post('/api/workspace/wake', { cookie });
  expect(second.status).toBe(200);
  expect(engine.sandboxes.get(sandbox.sandbox_id ?? '')?.state).toBe('running');
});
