import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sessionCookieName } from '../lib/auth/cookie.ts';
import { eventually, insertUser, type TestContext } from '../lib/testing.ts';
import { createLedger } from '../lib/usage/ledger.ts';
import { anotherInstance, createUsageContext } from '../lib/usage/testing.ts';
import { aCall, anOutcome, granted } from '../lib/usage/testing-calls.ts';
import { buildPages } from '../local/builds.ts';
import { type Call, WebProcess } from './testing/web-process.ts';

const origin = 'http://cloud.example';
const secret = 'a secret of the tests that is long enough';
const folder = mkdtempSync(join(tmpdir(), 'usage-pages-'));
let context: TestContext;
let web: WebProcess;
let memberId: string;
let member: string;
let admin: string;

beforeAll(async () => {
  await buildPages(
    { root: resolve(import.meta.dirname, '..'), env: { PATH: process.env['PATH'] ?? '' } },
    { signal: AbortSignal.timeout(240_000), onLine: () => {} },
  );
  const env = { PUBLIC_URL: origin, AUTH_SECRET: secret, USER_BUDGET_MONTHLY_USD: '20' };
  context = await createUsageContext(env);
  web = new WebProcess({
    socketPath: join(folder, 'web.sock'),
    origin,
    env: { ...env, DATABASE_URL: context.database.url, DEPLOYMENT_ID: 'test-deployment', E2B_API_KEY: 'e2b_00' },
  });
  if ((await web.start()) !== 'listening') throw new Error(web.output);
  [memberId, member] = await person('bob@example.com', 'member');
  [, admin] = await person('ada@example.com', 'admin');
});
afterAll(async () => {
  await web?.end('SIGTERM');
  await context?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function person(email: string, role: 'member' | 'admin'): Promise<[id: string, cookie: string]> {
  const id = await insertUser(context, email, role);
  const token = randomBytes(24).toString('hex');
  const soon = new Date(Date.now() + 3_600_000);
  await context.database.db
    .insertInto('identity.user')
    .values({ id, email, name: email, emailVerified: true })
    .execute();
  await context.database.db
    .insertInto('identity.session')
    .values({ id: randomUUID(), token, userId: id, expiresAt: soon, updatedAt: new Date() })
    .execute();
  const signature = createHmac('sha256', secret).update(token).digest('base64');
  return [id, `${sessionCookieName(context.settings)}=${encodeURIComponent(`${token}.${signature}`)}`];
}
async function ask(path: string, cookie: string, call: Call = {}) {
  const { status, body, headers } = await web.call(path, { ...call, headers: { cookie } });
  const json = String(headers['content-type']).includes('json') ? (JSON.parse(body) as Record<string, unknown>) : {};
  return { status, body, json, type: String(headers['content-type']) };
}
async function spend(): Promise<void> {
  const ledger = createLedger(anotherInstance(context));
  const call = aCall(memberId, { maxOutputTokens: 2_000_000 });
  ledger.settle(granted(await ledger.reserve(call)), call, anOutcome({ usage: null }));
  await ledger.close();
}

it('shows a person their usage, first none and then some', async () => {
  const empty = await ask('/usage', member);
  expect([empty.status, empty.body]).toEqual([200, expect.stringContaining('No model calls this month')]);
  expect(await ask('/api/usage/me', member)).toMatchObject({
    status: 200,
    json: { spentMicros: 0, limitMicros: 20_000_000, state: 'ok' },
  });
  await spend();
  const page = await ask('/usage', member);
  expect(page.body).toMatch(/\$4\.00[^]*of \$20\.00[^]*openai\/gpt-5-mini/);
  expect(page.body).toContain('href="/usage"');
  const csv = await ask('/api/usage/days?format=csv', member);
  expect([csv.type, csv.body]).toEqual([
    'text/csv; charset=utf-8',
    expect.stringMatching(/^day,provider[^]*4\.000125/),
  ]);
  expect((await ask('/api/usage/events', member)).json).toMatchObject({ rows: [{ estimated: true }], cursor: null });
  expect((await ask('/usage?month=2020-01', member)).body).toContain('No model calls in that month');
});

it('keeps the usage of others to admins, and strangers out', async () => {
  for (const path of ['people', 'days', 'events', 'budgets', `keys?userId=${memberId}`]) {
    expect((await ask(`/api/admin/usage/${path}`, member)).status).toBe(403);
    expect((await ask(`/api/admin/usage/${path}`, admin)).status).toBe(200);
  }
  expect((await ask('/api/usage/me', '')).status).toBe(401);
  expect((await ask('/api/admin/usage/people?size=1', admin)).json).toMatchObject({
    rows: [{ email: 'bob@example.com', costMicros: 4_000_125 }],
    nextPage: 2,
  });
  expect((await ask('/api/admin/usage/people?from=2026-05-31&to=2026-05-01', admin)).status).toBe(400);
});

it('lets admins set budgets, raises and limits, in force at once', async () => {
  const limited = { userId: memberId, period: 'monthly', mode: 'limited', limitMicros: 4_100_000 };
  const set = await ask('/api/admin/usage/budgets', admin, { method: 'PUT', json: limited });
  expect(set.status).toBe(200);
  await eventually(async () => (await ask('/api/usage/me', member)).json['state'] === 'warning');
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const json = { budget: set.json['id'], amountMicros: 5_000_000, expiresAt, reason: 'A demo' };
  const raise = await ask('/api/admin/usage/raises', admin, { json });
  expect(raise.status).toBe(201);
  expect((await ask('/api/usage/me', member)).json['limitMicros']).toBe(9_100_000);
  await ask(`/api/admin/usage/raises/${String(raise.json['id'])}`, admin, { method: 'DELETE' });
  expect((await ask('/api/usage/me', member)).json['limitMicros']).toBe(4_100_000);
  const limits = { requestsPerMinute: 10, tokensPerMinute: null, parallelRequests: null, models: ['openai/*'] };
  expect((await ask(`/api/admin/usage/limits/${memberId}`, admin, { method: 'PUT', json: limits })).status).toBe(200);
  expect((await ask(`/api/admin/usage/limits/${memberId}`, admin)).json).toEqual(limits);
  const models = { role: 'member', models: ['not a pattern'] };
  expect((await ask('/api/admin/usage/models', admin, { method: 'PUT', json: models })).status).toBe(400);
  expect((await ask('/api/admin/usage/budgets', admin, { method: 'PUT', json: { userId: 1 } })).status).toBe(400);
  const keys = await ask('/api/admin/usage/keys', admin, { json: { userId: memberId } });
  expect([keys.status, keys.body]).toEqual([409, expect.stringContaining('no_workspace')]);
});
