import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertUser, type TestContext } from '../../testing.ts';
import { createLedger, type UsageLedger } from '../ledger.ts';
import { createCalendar } from '../periods.ts';
import { createUsageContext, periodsOf } from '../testing.ts';
import { aCall, granted } from '../testing-calls.ts';
import { lostCall, type UsageEvent } from './event.ts';
import { writeEvents } from './write.ts';

let context: TestContext;
let ledger: UsageLedger;
let users: string[];
beforeEach(async () => {
  context = await createUsageContext({ USER_BUDGET_DAILY_USD: '1', TEAM_BUDGET_MONTHLY_USD: '1' });
  users = [await insertUser(context), await insertUser(context)];
  ledger = createLedger(context);
  // Makes the budgets' periods of today.
  for (const userId of users) granted(await ledger.reserve(aCall(userId)));
});
afterEach(async () => {
  await ledger.close();
  await context.close();
});

const event = (userId: string, at: Date, held: number): UsageEvent =>
  lostCall({
    ...{ id: crypto.randomUUID(), at: at.toISOString(), userId, keyId: null, provider: 'openai', model: 'gpt-5-mini' },
    ...{ operation: 'generate', requestId: null, held, pricedBy: 'table' },
  });
const write = (events: UsageEvent[]) =>
  writeEvents(context, createCalendar(context.settings.usage.timeZone), context.instance, events);
const spent = async () =>
  (await periodsOf(context)).map(({ user_id, spent_micros }) => [user_id === null ? 'team' : user_id, spent_micros]);

test('charges each call once, when some of a batch are there already, and each to its user and time', async () => {
  const now = context.now();
  const [first = '', second = ''] = users;
  const before = [event(first, now, 10), event(second, now, 20)];
  expect((await write(before)).ids.size).toBe(2);
  const fresh = [event(first, now, 100), event(first, now, 200), event(second, now, 400)];
  const written = await write([...before, ...fresh, ...fresh.slice(0, 1)]);
  expect([...written.ids].toSorted()).toEqual(fresh.map(({ id }) => id).toSorted());
  expect(Object.fromEntries(await spent())).toEqual({ [first]: 310, [second]: 420, team: 730 });
  // Of a day without a period nothing is charged to today's.
  await write([event(first, new Date(now.getTime() - 40 * 86_400_000), 5_000), event(first, now, 1)]);
  expect(Object.fromEntries(await spent())).toEqual({ [first]: 311, [second]: 420, team: 731 });
  const days = await context.database.db.selectFrom('usage_daily').selectAll().orderBy('day').execute();
  expect(days.map(({ calls, cost_micros }) => [calls, cost_micros])).toEqual([
    [1, 5_000],
    ...[expect.anything(), expect.anything()],
  ]);
});
