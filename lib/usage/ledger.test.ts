import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, insertUser, type TestContext } from '../testing.ts';
import { createLedger, type UsageLedger } from './ledger.ts';
import { anotherInstance, createUsageContext, periodsOf } from './testing.ts';
import { aCall, anOutcome, COST, granted, HELD, refused } from './testing-calls.ts';
import { reservedInMemory } from './testing-memory.ts';

let context: TestContext;
let userId: string;
const ledgers: UsageLedger[] = [];
async function setUp(env: NodeJS.ProcessEnv = {}) {
  context = await createUsageContext(env);
  userId = await insertUser(context);
}
beforeEach(() => setUp({ USER_BUDGET_MONTHLY_USD: '1' }));
afterEach(async () => {
  await Promise.all(ledgers.splice(0).map((ledger) => ledger.close()));
  await context.close();
});
function ledgerOf(given: Parameters<typeof anotherInstance>[1] = {}, env?: TestContext['settings']) {
  const ledger = createLedger(anotherInstance(context, env ? { ...given, settings: env } : given));
  ledgers.push(ledger);
  return ledger;
}
const events = () => context.database.db.selectFrom('usage_events').selectAll().orderBy('written_at').execute();

test('holds the estimate, charges the cost, and works in memory once something is leased', async () => {
  const ledger = ledgerOf();
  const call = aCall(userId);
  const first = granted(await ledger.reserve(call));
  expect(first.heldMicros).toBe(HELD);
  ledger.settle(first, call, anOutcome());
  const second = await reservedInMemory(ledger, call);
  ledger.settle(second, call, anOutcome({ usage: null, clientGone: true }));
  const third = granted(await ledger.reserve(call));
  ledger.settle(third, call, anOutcome({ billable: false, status: 500 }));
  await ledger.flush();

  const billed = (await events()).filter(({ outcome, status }) => outcome !== 'failed' || status === 500);
  expect(billed).toMatchObject([
    { user_id: userId, cost_micros: COST, estimated: false, outcome: 'ok', input_tokens: 200, priced_by: 'table' },
    { cost_micros: HELD, estimated: true, outcome: 'client_gone' },
    { cost_micros: 0, estimated: false, outcome: 'failed', status: 500 },
  ]);
  const days = await context.database.db.selectFrom('usage_daily').selectAll().execute();
  expect(days).toMatchObject([{ estimated_calls: 1, cost_micros: COST + HELD }]);
  expect(days[0]?.calls).toBe((await events()).length);
  expect(await periodsOf(context)).toMatchObject([{ user_id: userId, spent_micros: COST + HELD }]);
  await ledger.close();
  expect(await periodsOf(context)).toMatchObject([{ spent_micros: COST + HELD, leased_micros: 0 }]);
  expect(await context.database.db.selectFrom('usage_instances').selectAll().execute()).toEqual([]);
});

test('stops at the limit, says when it resets, and goes on in the next period', async () => {
  let now = new Date('2026-05-31T20:00:00Z');
  const ledger = ledgerOf({ now: () => now });
  const large = aCall(userId, { maxOutputTokens: 400_000 }); // 0.8 dollars
  const first = granted(await ledger.reserve(large));
  const full = refused(await ledger.reserve(large));
  expect(full).toMatchObject({ refused: 'budget', resetsAt: '2026-06-01T00:00:00.000Z', retryAfterSeconds: 5 });
  ledger.settle(first, large, anOutcome({ usage: null }));
  await eventually(async () => refused(await ledger.reserve(large)).retryAfterSeconds === 4 * 3600);
  expect(refused(await ledger.reserve(large)).message).toMatch(/has \$0\.20 left \(\$0\.80 of \$1\.00 spent\)/);
  // Small calls still fit.
  granted(await ledger.reserve(aCall(userId)));
  now = new Date('2026-06-01T00:00:01Z');
  granted(await ledger.reserve(large));
});

test.each([1, 4])('%i instances never hold more than the limit together, and use all of it', async (instances) => {
  const all = Array.from({ length: instances }, () => ledgerOf());
  const call = aCall(userId, { maxOutputTokens: 5_000, requestBytes: 2 }); // 10,001 micro-dollars: 99 fit into a dollar
  const results = await Promise.all(
    Array.from({ length: 300 }, async (_, index) => {
      const ledger = all[index % instances];
      return ledger ? ledger.reserve(call) : Promise.reject(new Error('none'));
    }),
  );
  const held = results.filter((result) => !('refused' in result));
  expect(held.length).toBeLessThanOrEqual(99);
  // What is left in pieces on several instances is less than what is given back when somebody asks.
  expect(held.length).toBeGreaterThanOrEqual(99 - instances);
  const [period] = await periodsOf(context);
  expect(period?.leased_micros).toBeLessThanOrEqual(1_000_000);
});

test('spends to the limit over many rounds on several instances and never beyond', async () => {
  const all = Array.from({ length: 3 }, () => ledgerOf());
  const call = aCall(userId, { maxOutputTokens: 2_000, requestBytes: 2 }); // holds 4,001, costs less
  let spent = 0;
  let refusals = 0;
  await Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      const ledger = all[index % 3] ?? ledgerOf();
      for (let round = 0; round < 60; round += 1) {
        const result = await ledger.reserve(call);
        if ('refused' in result) {
          refusals += 1;
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
        const exact = round % 3 !== 0;
        ledger.settle(result, call, exact ? anOutcome() : anOutcome({ usage: null }));
        spent += exact ? COST : 4_001;
      }
    }),
  );
  await Promise.all(all.map((ledger) => ledger.flush()));
  const [period] = await periodsOf(context);
  expect(period?.spent_micros).toBe(spent);
  expect(spent).toBeLessThanOrEqual(1_000_000);
  expect(spent + (period?.leased_micros ?? 0)).toBeLessThanOrEqual(1_000_000);
  expect(spent).toBeGreaterThan(950_000);
  expect(refusals).toBeGreaterThan(0);
});

test('names that callers invent are one row of the day while they cost nothing', async () => {
  const ledger = ledgerOf();
  const failed = anOutcome({ billable: false, status: 404 });
  // Two of them are priced, like the model whose dated name they seem to be.
  for (const model of ['invented-1', 'invented-2', 'gpt-5-mini-11111111', 'gpt-5-mini-22222222', 'gpt-5-mini']) {
    const call = aCall(userId, { model, maxOutputTokens: 1 });
    ledger.settle(granted(await ledger.reserve(call)), call, failed);
  }
  const dated = aCall(userId, { model: 'gpt-5-mini-2025-08-07' });
  ledger.settle(granted(await ledger.reserve(dated)), dated, anOutcome());
  await ledger.flush();
  const days = await context.database.db.selectFrom('usage_daily').selectAll().orderBy('model').execute();
  expect(days.map(({ model, calls, cost_micros }) => [model, calls, cost_micros])).toEqual([
    ['gpt-5-mini', 1, 0],
    ['gpt-5-mini-2025-08-07', 1, COST],
    ['other', 4, 0],
  ]);
  expect(new Set((await events()).map(({ model }) => model)).size).toBe(6);
});

test('a call that costs more than was held is charged in full, and ends what there was', async () => {
  const ledger = ledgerOf();
  const call = aCall(userId, { maxOutputTokens: 1 });
  const dear = granted(await ledger.reserve(call));
  const usage = { ...anOutcome().usage, outputTokens: 600_000 } as NonNullable<ReturnType<typeof anOutcome>['usage']>;
  ledger.settle(dear, call, anOutcome({ usage }));
  await ledger.flush();
  expect(await periodsOf(context)).toMatchObject([{ spent_micros: 1_200_050 }]);
  const result = await eventually(async () => {
    const answer = await ledger.reserve(call);
    return 'refused' in answer && answer;
  });
  expect(result.message).toMatch(/is spent: \$1\.20 of \$1\.00/);
});

test('all budgets have to have room: the user’s of each period, and the team’s', async () => {
  await context.close();
  await setUp({ USER_BUDGET_MONTHLY_USD: '1', USER_BUDGET_DAILY_USD: '0.5', TEAM_BUDGET_WEEKLY_USD: '0.6' });
  const ledger = ledgerOf();
  const other = await insertUser(context);
  const call = aCall(userId, { maxOutputTokens: 200_000 });
  granted(await ledger.reserve(call)); // 0.4
  expect(refused(await ledger.reserve(call)).message).toMatch(/^Your daily budget/);
  expect(refused(await ledger.reserve({ ...call, userId: other })).message).toMatch(/^The team's weekly budget/);
  granted(await ledger.reserve(aCall(other, { maxOutputTokens: 50_000 })));
});

test('follows changes: own limits, none at all, and raises that end', async () => {
  let now = new Date('2026-05-05T12:00:00Z');
  const ledger = ledgerOf({ now: () => now });
  const call = aCall(userId, { maxOutputTokens: 600_000 }); // 1.2 dollars
  expect(refused(await ledger.reserve(call)).refused).toBe('budget');
  const { id } = await context.database.db.selectFrom('budgets').select('id').executeTakeFirstOrThrow();
  const raise = { budget: id, amount_micros: 1_000_000, expires_at: new Date('2026-05-05T13:00:00Z') };
  // The raise is in force on the ledger's clock; the loading looks a day back on Postgres's.
  await context.database.db.insertInto('budget_raises').values(raise).execute();
  const held = await eventually(async () => {
    const answer = await ledger.reserve(call);
    return 'refused' in answer ? null : answer;
  });
  ledger.settle(held, call, anOutcome({ usage: null }));
  now = new Date('2026-05-05T13:00:01Z');
  expect(refused(await ledger.reserve(aCall(userId))).message).toMatch(/is spent/);
  await context.database.db.updateTable('budgets').set({ mode: 'unlimited' }).where('id', '=', id).execute();
  await eventually(async () => !('refused' in (await ledger.reserve(call))));
  await context.database.db
    .updateTable('budgets')
    .set({ mode: 'limited', limit_micros: 0 })
    .where('id', '=', id)
    .execute();
  await eventually(async () => 'refused' in (await ledger.reserve(aCall(userId))));
});

test('a new budget begins with what was spent in its period', async () => {
  await context.close();
  await setUp();
  const ledger = ledgerOf();
  const call = aCall(userId, { maxOutputTokens: 400_000 });
  ledger.settle(granted(await ledger.reserve(call)), call, anOutcome({ usage: null })); // 0.8 dollars
  await ledger.flush();
  await context.database.db
    .insertInto('budgets')
    .values({ user_id: userId, period: 'monthly', mode: 'limited', limit_micros: 1_000_000 })
    .execute();
  const refusal = await eventually(async () => {
    const answer = await ledger.reserve(call);
    return 'refused' in answer && answer;
  });
  expect(refusal.message).toMatch(/\$0\.80 of \$1\.00/);
});

test('what an idle instance leased goes to one that needs it', async () => {
  const [idle, busy] = [ledgerOf(), ledgerOf()];
  const call = aCall(userId);
  idle.settle(granted(await idle.reserve(call)), call, anOutcome());
  await idle.flush();
  // All that is left but what the idle one used.
  expect(granted(await busy.reserve(aCall(userId, { maxOutputTokens: 499_700 }))).heldMicros).toBe(999_525);
});

test('tells what cannot be booked, and that nothing is let through then', async () => {
  const database = { ...context.database, db: context.database.db.withSchema('nowhere') };
  const ledger = createLedger(anotherInstance(context, { database }));
  ledgers.push(ledger);
  await expect(async () => ledger.reserve(aCall(userId))).rejects.toMatchObject({ status: 503, retryAfterSeconds: 3 });
});

test('adjusts what is held when more is known of the call', async () => {
  const ledger = ledgerOf();
  const unknown = aCall(userId, { model: null });
  const reservation = granted(await ledger.reserve(unknown));
  expect(reservation.heldMicros).toBe(1);
  const known = aCall(userId, { maxOutputTokens: 100_000 });
  expect(await ledger.adjust?.(reservation, known)).toBeNull();
  expect(reservation.heldMicros).toBe(200_125);
  expect(await ledger.adjust?.(reservation, aCall(userId, { maxOutputTokens: 900_000 }))).toMatchObject({
    refused: 'budget',
  });
  expect(await ledger.adjust?.(reservation, aCall(userId, { maxOutputTokens: 100 }))).toBeNull();
  ledger.settle(reservation, aCall(userId), anOutcome({ usage: null }));
  await ledger.flush();
  expect(await events()).toMatchObject([{ cost_micros: 325, model: 'gpt-5-mini', estimated: true }]);
  await ledger.close();
  expect(await periodsOf(context)).toMatchObject([{ spent_micros: 325, leased_micros: 0 }]);
});

test('a call that never names its model and of which no usage is seen costs what the rule says', async () => {
  const ledger = ledgerOf();
  const call = aCall(userId, { model: null, maxOutputTokens: 100 });
  ledger.settle(granted(await ledger.reserve(call)), call, anOutcome({ usage: null }));
  await ledger.flush();
  // The dearest of the provider: 30 dollars a million in, 180 out.
  expect(await events()).toMatchObject([{ cost_micros: 500 * 30 + 100 * 180, priced_by: 'rule', estimated: true }]);
});

test('limits requests and tokens a minute, parallel calls, and models', async () => {
  const ledger = ledgerOf();
  const set = (values: object) =>
    context.database.db
      .insertInto('usage_limits')
      .values({ user_id: userId, ...values })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
      .execute();
  const refusalOf = (refusedBy: string, call = aCall(userId)) =>
    eventually(async () => {
      const answer = await ledger.reserve(call);
      if (!('refused' in answer)) ledger.settle(answer, call, anOutcome());
      return 'refused' in answer && answer.refused === refusedBy && answer;
    });
  await set({ requests_per_minute: 3 });
  expect((await refusalOf('requests_per_minute')).retryAfterSeconds).toBeGreaterThan(10);
  await set({ requests_per_minute: null, tokens_per_minute: 1_200 });
  expect((await refusalOf('tokens_per_minute')).retryAfterSeconds).toBeGreaterThan(0);
  await set({ tokens_per_minute: null, parallel_requests: 1 });
  await eventually(async () => !('refused' in (await ledger.reserve(aCall(userId)))));
  await refusalOf('parallel');
  await set({ parallel_requests: null, models: ['anthropic/*', 'gpt-5*'] });
  expect((await refusalOf('model_not_allowed', aCall(userId, { model: 'o3' }))).message).toContain('openai/o3');
  granted(await ledger.reserve(aCall(userId, { provider: 'anthropic', model: 'claude-haiku-4-5' })));
});

test('calls that nobody bills cost nothing and need no budget', async () => {
  const ledger = createLedger(anotherInstance(context), { isDemo: (provider) => provider === 'google' });
  ledgers.push(ledger);
  for (const call of [
    aCall(userId, { provider: 'google', model: 'gemini-2.5-pro', maxOutputTokens: 10_000_000 }),
    aCall(userId, { provider: 'anthropic', operation: 'count_tokens', requestBytes: 10_000_000 }),
    aCall(userId, { provider: 'composio', operation: 'tool_execution', model: null }),
  ]) {
    ledger.settle(granted(await ledger.reserve(call)), call, anOutcome());
  }
  await ledger.flush();
  expect((await events()).map(({ cost_micros, priced_by }) => [cost_micros, priced_by])).toEqual([
    [0, 'free'],
    [0, 'free'],
    [0, 'free'],
  ]);
});
