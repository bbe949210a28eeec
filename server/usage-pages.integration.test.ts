import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sessionCookieName } from '../lib/auth/cookie.ts';
import { insertUser, type TestContext } from '../lib/testing.ts';
import { createLedger } from '../lib/usage/ledger.ts';
import { anotherInstance, createUsageContext } from '../lib/usage/testing.ts';
import { aCall, anOutcome, granted } from '../lib/usage/testing-calls.ts';
import type { WebProcess } from './testing/web-process.ts';
import { SECRET, startWeb, type Web } from './testing/web-team.ts';

let parts: Web;
let context: TestContext;
let web: WebProcess;
let memberId: string;
let member: string;
let admin: string;

beforeAll(async () => {
  parts = await startWeb({ env: { USER_BUDGET_MONTHLY_USD: '20' }, createContext: createUsageContext });
  ({ context, web } = parts);
  [memberId, member] = await person('bob@example.com', 'member');
  [, admin] = await person('ada@example.com', 'admin');
});
afterAll(() => parts?.close());

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
  const signature = createHmac('sha256', SECRET).update(token).digest('base64');
  return [id, `${sessionCookieName(context.settings)}=${encodeURIComponent(`${token}.${signature}`)}`];
}
async function ask(path: string, cookie: string) {
  const { status, body } = await web.call(path, { headers: { cookie } });
  return { status, body };
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
  await spend();
  const page = await ask('/usage', member);
  expect(page.body).toMatch(/\$4\.00[^]*of \$20\.00[^]*openai\/gpt-5-mini/);
  expect(page.body).toContain('href="/usage"');
  expect((await ask('/api/usage/days?format=csv', member)).body).toMatch(/^day,provider[^]*4\.000125/);
  expect((await ask('/api/admin/usage/people', member)).status).toBe(403);
  expect((await ask('/api/admin/usage/people', admin)).body).toContain('bob@example.com');
  expect((await ask('/usage?month=2020-01', member)).body).toContain('No model calls in that month');
});
