import { afterAll, beforeAll, expect, test } from 'vitest';
import { installJobs } from '../../lib/jobs/install.ts';
import { closeContext, createContext } from '../../lib/context.ts';
import { openDatabase } from '../../lib/db/database.ts';
import { migrate } from '../../lib/db/migrate.ts';
import { startTestPostgres, type TestPostgres } from '../../lib/db/testing-postgres.ts';
import { createLog } from '../../lib/log.ts';
import { FakeEngine } from '../../lib/sandbox/testing.ts';
import { eventually, testSettings } from '../../lib/testing.ts';
import { browser, startTestFront, type TestFront } from './testing.ts';

let postgres: TestPostgres;
let front: TestFront;
const { get, post } = browser(() => front);

beforeAll(async () => {
  postgres = await startTestPostgres();
  await migrate(postgres.url, { info: () => {} });
  await installJobs(postgres.url);
  const { url } = postgres;
  const database = { ...openDatabase(url), url };
  const engine = new FakeEngine();
  const context = createContext(testSettings(url), { log: createLog('test', 'silent'), database, engine });
  front = await startTestFront({}, { ...context, database, engine, close: () => closeContext(context) });
});
afterAll(async () => {
  await front.close();
  await postgres.remove();
});

test('without Postgres who was seen keeps working, others get 503, and all is well when it is back', async () => {
  const known = await front.member();
  const unknown = await front.member();
  expect((await get('/api/mastra/api/agents', { cookie: known.cookie })).status).toBe(200);
  // The tests' Postgres commits lazily; what was written a moment ago should survive its crash.
  await postgres.query('checkpoint');
  await postgres.crash();
  expect((await get('/api/mastra/api/agents', { cookie: known.cookie })).status).toBe(200);
  expect((await post('/api/mastra/api/run', { cookie: known.cookie }, '{}')).status).toBe(200);
  const refused = await get('/api/mastra/api/agents', { cookie: unknown.cookie });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(await refused.json()).toMatchObject({ error: { code: 'database_unavailable' } });
  const health = await get('/health');
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ missing: ['database'] });
  await postgres.start();
  await eventually(async () => (await get('/health')).status === 200, 20_000);
  const back = await eventually(async () => {
    const answer = await get('/api/mastra/api/agents', { cookie: unknown.cookie });
    return answer.status === 200 && answer;
  }, 20_000);
  expect(back.status).toBe(200);
});
