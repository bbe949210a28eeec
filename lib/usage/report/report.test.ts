import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertUser, type TestContext } from '../../testing.ts';
import { createLedger } from '../ledger.ts';
import { addRaise, listBudgets, revokeRaise, setBudget } from '../manage/budgets.ts';
import { readLimits, setLimits, setRoleModels } from '../manage/limits.ts';
import { deleteOldUsage } from '../retention.ts';
import { anotherInstance, createUsageContext } from '../testing.ts';
import { aCall, anOutcome, COST, granted } from '../testing-calls.ts';
import { budgetStates, myUsage } from './budget-states.ts';
import { DAY_COLUMNS } from './columns.ts';
import { toCsv } from './csv.ts';
import { daysCsv } from './days-csv.ts';
import { usageByDay } from './days.ts';
import { usageByPerson } from './everybody.ts';
import { listEvents } from './event-list.ts';
import { buildOverview, REST } from './overview.ts';

const NOW = new Date('2026-05-20T10:00:00Z');
let context: TestContext;
let userId: string;
let other: string;
const admin = { id: crypto.randomUUID() };
beforeAll(async () => {
  const made = await createUsageContext({ USER_BUDGET_MONTHLY_USD: '0.01', USAGE_TIME_ZONE: 'Europe/Berlin' });
  context = { ...made, now: () => NOW };
  userId = await insertUser(context, 'one@example.com');
  other = await insertUser(context, 'two@example.com');
  let at = NOW;
  const ledger = createLedger(anotherInstance(context, { now: () => at }));
  const spend = async (user: string, when: string, given = {}) => {
    at = new Date(when);
    const call = aCall(user, given);
    ledger.settle(granted(await ledger.reserve(call)), call, anOutcome());
  };
  await spend(userId, '2026-05-19T23:30:00Z'); // 20 May in Berlin
  await spend(userId, '2026-05-20T09:00:00Z');
  await spend(userId, '2026-05-01T09:00:00Z', { provider: 'anthropic', model: 'claude-haiku-4-5', maxOutputTokens: 1 });
  await spend(other, '2026-05-20T09:00:00Z');
  await ledger.close();
});
afterAll(() => context.close());
const MONTH = { from: '2026-05-01', to: '2026-05-31' };
const HAIKU = 200 + 100 * 5;

test('says how a budget stands, and what the widget shows', async () => {
  const [state] = await budgetStates(context, userId);
  expect(state).toMatchObject({
    owner: 'user',
    kind: 'monthly',
    spentMicros: 2 * COST + HAIKU,
    limitMicros: 10_000,
    state: 'ok',
    resetsAt: new Date('2026-05-31T22:00:00Z'),
  });
  expect(await myUsage(context, userId)).toEqual({
    spentMicros: 2 * COST + HAIKU,
    limitMicros: 10_000,
    resetsAt: '2026-05-31T22:00:00.000Z',
    state: 'ok',
  });
});

test('sums per day of the time zone, per person, and lists calls in pages', async () => {
  const days = await usageByDay(context, userId, MONTH);
  expect(days.cut).toBe(false);
  expect(days.rows.map(({ day, model, calls, costMicros }) => [day, model, calls, costMicros])).toEqual([
    ['2026-05-01', 'claude-haiku-4-5', 1, HAIKU],
    ['2026-05-20', 'gpt-5-mini', 2, 2 * COST],
  ]);
  const first = await usageByPerson(context, MONTH, { page: 1, size: 1 });
  expect(first).toMatchObject({ rows: [{ email: 'one@example.com', calls: 3 }], nextPage: 2 });
  const second = await usageByPerson(context, MONTH, { page: 2, size: 1 });
  expect(second).toMatchObject({ rows: [{ email: 'two@example.com', costMicros: COST }], nextPage: null });
  const page = await listEvents(context, userId, { size: 2, cursor: null });
  const rest = await listEvents(context, userId, { size: 2, cursor: page.cursor });
  expect([...page.rows, ...rest.rows].map(({ at }) => at)).toEqual([
    '2026-05-20T09:00:00.000Z',
    '2026-05-19T23:30:00.000Z',
    '2026-05-01T09:00:00.000Z',
  ]);
  expect(rest.cursor).toBeNull();
  await expect(listEvents(context, userId, { size: 2, cursor: 'x' })).rejects.toMatchObject({ code: 'bad_cursor' });
});

test('a report that is too long keeps what cost most, and says that it was cut', async () => {
  const report = await usageByDay(context, null, MONTH, 1);
  expect(report).toMatchObject({ rows: [{ day: '2026-05-20', costMicros: 3 * COST }], cut: true });
  expect(daysCsv(report).split('\r\n')).toEqual([
    expect.stringMatching(/^day,/),
    expect.stringMatching(/^2026-05-20,openai,gpt-5-mini,3,/),
    ',,1 rows; those that cost less are left out,,,,,,,',
    '',
  ]);
  expect(buildOverview(report, MONTH, '2026-05-20').cut).toBe(true);
});

test('writes CSV that no spreadsheet takes for a program', async () => {
  const [first] = (await usageByDay(context, userId, MONTH)).rows;
  if (!first) throw new Error('no usage');
  expect(toCsv(DAY_COLUMNS, [{ ...first, model: '=cmd|"x",1' }])).toBe(
    'day,provider,model,calls,failedCalls,estimatedCalls,inputTokens,cachedInputTokens,outputTokens,costUsd\r\n' +
      `2026-05-01,anthropic,"'=cmd|""x"",1",1,0,0,200,0,100,0.000700\r\n`,
  );
});

test('builds a month with every day, and the models that cost little as one', () => {
  const row = (day: string, model: string, costMicros: number) => ({
    ...{ day, provider: 'openai', model, calls: 1, failedCalls: 0, estimatedCalls: 0 },
    ...{ inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, costMicros },
  });
  const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((model, index) => row('2026-05-20', model, 100 - index));
  const overview = buildOverview({ rows: [...rows, row('2026-05-02', 'f', 1)], cut: false }, MONTH, '2026-05-20');
  expect(overview.days).toHaveLength(31);
  expect(overview.series).toEqual(['openai/a', 'openai/b', 'openai/c', 'openai/d', REST]);
  expect(overview.days[19]?.parts).toEqual([100, 99, 98, 97, 96 + 95]);
  expect(overview.days[1]?.parts).toEqual([0, 0, 0, 0, 1]);
  expect(overview).toMatchObject({ todayMicros: 585, totalMicros: 586, totalCalls: 7, highestDayMicros: 585 });
});

test('admins set budgets, raise them for a while, and every change is in the audit log', async () => {
  const change = { userId, period: 'monthly', mode: 'limited', limitMicros: 1_500, warnPercent: 50 } as const;
  const id = await setBudget(context, change, admin);
  expect((await budgetStates(context, userId))[0]).toMatchObject({ limitMicros: 1_500, state: 'warning' });
  const soon = new Date(Date.now() + 3_600_000);
  const raise = await addRaise(context, { budget: id, amountMicros: 5_000, expiresAt: soon, reason: 'A demo' }, admin);
  expect((await budgetStates(context, userId))[0]).toMatchObject({
    limitMicros: 6_500,
    raisedMicros: 5_000,
    state: 'ok',
  });
  const listed = await listBudgets(context, { page: 1, size: 10 });
  expect(listed.rows.find((budget) => budget.id === id)).toMatchObject({
    email: 'one@example.com',
    limitMicros: 1_500,
    raises: [{ id: raise, reason: 'A demo' }],
  });
  await revokeRaise(context, raise, admin);
  expect((await budgetStates(context, userId))[0]?.limitMicros).toBe(1_500);
  await setBudget(context, { ...change, mode: 'unlimited', limitMicros: null }, admin);
  expect(await myUsage(context, userId)).toMatchObject({ limitMicros: null, spentMicros: 2 * COST + HAIKU });
  await expect(setBudget(context, { ...change, userId: crypto.randomUUID() }, admin)).rejects.toMatchObject({
    code: 'member_not_found',
  });
  await setLimits(
    context,
    userId,
    { requestsPerMinute: 5, tokensPerMinute: null, parallelRequests: 2, models: ['*'] },
    admin,
  );
  expect(await readLimits(context, userId)).toMatchObject({ requestsPerMinute: 5, models: ['*'] });
  await setRoleModels(context, 'member', ['openai/*'], admin);
  await setRoleModels(context, 'member', null, admin);
  const actions = await context.database.db.selectFrom('audit_log').select('action').orderBy('id').execute();
  expect(actions.map(({ action }) => action)).toEqual([
    'budget.set',
    'budget.raised',
    'budget.raise_revoked',
    'budget.set',
    'limits.set',
    'models.set',
    'models.set',
  ]);
});

test('deletes what is older than it is kept, and nothing else', async () => {
  const later = { ...context, now: () => new Date('2027-06-10T00:00:00Z') };
  expect(await deleteOldUsage(later)).toBe(1);
  expect((await usageByDay(context, userId, MONTH)).rows).toMatchObject([{ day: '2026-05-20' }]);
});
