import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sessionCookieName } from '../lib/auth/cookie.ts';
import { insertUser, type TestContext } from '../lib/testing.ts';
import { createLedger } from '../lib/usage/ledger.ts';
import { anotherInstance, createUsageContext } from '../lib/usage/testing.ts';
import { aCall, anOutcome, granted } from '../lib/usage/testing-calls.ts';

const origin = 'http://cloud.example';
const secret = 'a secret of the tests that is long enough';
let context: TestContext;
let close: () => Promise<void>;
let memberId: string;
let member: string;
let admin: string;

beforeAll(async () => {
  const env = { PUBLIC_URL: origin, AUTH_SECRET: secret, USER_BUDGET_MONTHLY_USD: '20' };
  context = await createUsageContext(env);
  const all = { ...env, DATABASE_URL: context.database.url, DEPLOYMENT_ID: 'test-deployment', E2B_API_KEY: 'e2b_00' };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  const { getContext, getSessions } = await import('../app/_server/context.ts');
  close = async () => {
    getSessions().close();
    await getContext().database.close();
  };
  [memberId, member] = await person('bob@example.com', 'member');
  [, admin] = await person('ada@example.com', 'admin');
  const ledger = createLedger(anotherInstance(context));
  const call = aCall(memberId, { maxOutputTokens: 2_000_000 });
  ledger.settle(granted(await ledger.reserve(call)), call, anOutcome({ usage: null }));
  await ledger.close();
});
afterAll(async () => {
  await close();
  await context.close();
  vi.unstubAllEnvs();
});

async function person(email: string, role: 'member' | 'admin'): Promise<[id: string, cookie: string]> {
  const id = await insertUser(context, email, role);
  const token = randomBytes(24).toString('hex');
  const expiresAt = new Date(Date.now() + 3_600_000);
  const { db } = context.database;
  await db.insertInto('identity.user').values({ id, email, name: email, emailVerified: true }).execute();
  await db
    .insertInto('identity.session')
    .values({ id: randomUUID(), token, userId: id, expiresAt, updatedAt: new Date() })
    .execute();
  const signature = createHmac('sha256', secret).update(token).digest('base64');
  return [id, `${sessionCookieName(context.settings)}=${encodeURIComponent(`${token}.${signature}`)}`];
}

type Route = (request: Request, address: { params: Promise<{ id: string }> }) => Promise<Response>;
type Asked = { cookie?: string; query?: string; id?: string; json?: unknown };

async function ask(route: unknown, { cookie = '', query = '', id = '', json }: Asked = {}) {
  const request = new Request(`${origin}/api${query}`, {
    method: json === undefined ? 'GET' : 'POST',
    headers: { cookie, origin, 'content-type': 'application/json' },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const answer = await (route as Route)(request, { params: Promise.resolve({ id }) });
  const body = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    body,
    json: isJson ? (JSON.parse(body) as Record<string, unknown>) : {},
  };
}

it('tells people about their own usage, as JSON and as a file', async () => {
  const { GET: me } = await import('../app/api/usage/me/route.ts');
  const { GET: days } = await import('../app/api/usage/days/route.ts');
  const { GET: events } = await import('../app/api/usage/events/route.ts');
  expect((await ask(me)).status).toBe(401);
  expect((await ask(me, { cookie: member })).json).toMatchObject({
    spentMicros: 4_000_125,
    limitMicros: 20_000_000,
    state: 'ok',
  });
  const csv = await ask(days, { cookie: member, query: '?format=csv' });
  expect([csv.type, csv.body]).toEqual([
    'text/csv; charset=utf-8',
    expect.stringMatching(/^day,provider[^]*4\.000125/),
  ]);
  expect((await ask(days, { cookie: admin })).json).toMatchObject({ rows: [] });
  expect((await ask(days, { cookie: member, query: '?from=2026-05-31&to=2026-05-01' })).status).toBe(400);
  expect((await ask(events, { cookie: member })).json).toMatchObject({ rows: [{ estimated: true }], cursor: null });
});

it('keeps the usage of others to admins', async () => {
  const routes = await Promise.all([
    import('../app/api/admin/usage/people/route.ts'),
    import('../app/api/admin/usage/days/route.ts'),
    import('../app/api/admin/usage/events/route.ts'),
    import('../app/api/admin/usage/budgets/route.ts'),
    import('../app/api/admin/usage/keys/route.ts'),
  ]);
  for (const { GET } of routes) {
    const query = `?userId=${memberId}`;
    expect([
      (await ask(GET, { cookie: member, query })).status,
      (await ask(GET, { cookie: admin, query })).status,
    ]).toEqual([403, 200]);
  }
  expect((await ask(routes[0].GET, { cookie: admin, query: '?size=1' })).json).toMatchObject({
    rows: [{ email: 'bob@example.com', costMicros: 4_000_125 }],
    nextPage: 2,
  });
});

it('lets admins set budgets, raises, limits and models', async () => {
  const { PUT: setBudget } = await import('../app/api/admin/usage/budgets/route.ts');
  const { POST: raise } = await import('../app/api/admin/usage/raises/route.ts');
  const { DELETE: endRaise } = await import('../app/api/admin/usage/raises/[id]/route.ts');
  const { GET: limitsOf, PUT: setLimits } = await import('../app/api/admin/usage/limits/[id]/route.ts');
  const { PUT: setModels } = await import('../app/api/admin/usage/models/route.ts');
  const { POST: rotate } = await import('../app/api/admin/usage/keys/route.ts');
  const { GET: me } = await import('../app/api/usage/me/route.ts');
  const limit = async () => (await ask(me, { cookie: member })).json;

  const limited = { userId: memberId, period: 'monthly', mode: 'limited', limitMicros: 4_100_000 };
  expect((await ask(setBudget, { cookie: member, json: limited })).status).toBe(403);
  const set = await ask(setBudget, { cookie: admin, json: limited });
  expect(await limit()).toMatchObject({ limitMicros: 4_100_000, state: 'warning' });
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const more = { budget: set.json['id'], amountMicros: 5_000_000, expiresAt, reason: 'A demo' };
  const raised = await ask(raise, { cookie: admin, json: more });
  expect([raised.status, (await limit())['limitMicros']]).toEqual([201, 9_100_000]);
  expect((await ask(raise, { cookie: admin, json: { ...more, expiresAt: '2020-01-01T00:00:00Z' } })).status).toBe(400);
  await ask(endRaise, { cookie: admin, id: String(raised.json['id']), json: {} });
  expect((await limit())['limitMicros']).toBe(4_100_000);
  await ask(setBudget, { cookie: admin, json: { userId: memberId, period: 'monthly', mode: 'unlimited' } });
  expect((await limit())['limitMicros']).toBeNull();

  const limits = { requestsPerMinute: 10, tokensPerMinute: null, parallelRequests: null, models: ['openai/*'] };
  expect((await ask(setLimits, { cookie: admin, id: memberId, json: limits })).status).toBe(200);
  expect((await ask(limitsOf, { cookie: admin, id: memberId })).json).toEqual(limits);
  expect((await ask(setModels, { cookie: admin, json: { role: 'member', models: ['not a pattern'] } })).status).toBe(
    400,
  );
  expect((await ask(setBudget, { cookie: admin, json: { userId: 1 } })).status).toBe(400);
  const key = await ask(rotate, { cookie: admin, json: { userId: memberId } });
  expect([key.status, key.body]).toEqual([409, expect.stringContaining('no_workspace')]);
});
