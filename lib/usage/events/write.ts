import { sql, type Transaction } from 'kysely';
import type { Context } from '../../context.ts';
import type { DB } from '../../db/schema.ts';
import { accountKey } from '../budgets/account.ts';
import { lockForWriting } from '../budgets/database.ts';
import type { Calendar } from '../periods.ts';
import type { PriceOverrides } from '../prices/schema.ts';
import { arrayLiteral } from '../../db/array-literal.ts';
import { dayModel } from './day-model.ts';
import type { UsageEvent } from './event.ts';
import { insertRows } from './rows.ts';

const QUARTER_MS = 900_000;

/** Spending that moved from an instance's lease to what is spent. */
export type Charge = { budget: string; periodStart: Date; costMicros: number; fromLeaseMicros: number };

export type Written = {
  /** Ids that were written now; the others were there already. */
  ids: Set<string>;
  charges: Charge[];
};

/**
 * Writes events with all that follows from them, in one transaction: the rows, the sums per day, and what is spent of each
 * budget that they fall under. Writing one again changes nothing.
 * @param instance whose leases cover them
 */
export async function writeEvents(
  { database, settings }: Pick<Context, 'database' | 'settings'>,
  calendar: Calendar,
  instance: string,
  events: readonly UsageEvent[],
): Promise<Written> {
  if (events.length === 0) return { ids: new Set(), charges: [] };
  return database.db.transaction().execute(async (trx) => {
    await lockForWriting(trx);
    const ids = await insertEvents(trx, events);
    const written = events.filter(({ id }) => ids.delete(id));
    await addToDays(trx, calendar, written, settings.usage.prices);
    const charges = await charge(trx, instance, written);
    await sql`delete from usage_reservations
      where id = any(${arrayLiteral(events.map(({ id }) => id))}::uuid[])`.execute(trx);
    return { ids: new Set(written.map(({ id }) => id)), charges };
  });
}

async function insertEvents(trx: Transaction<DB>, events: readonly UsageEvent[]): Promise<Set<string>> {
  const inserted = await insertRows(trx, events);
  if (inserted === events.length) return new Set(events.map(({ id }) => id));
  // Some were there already, by an attempt of which no answer came.
  const { rows } = await sql<{ id: string }>`
    select id from usage_events
    where id = any(${arrayLiteral(events.map(({ id }) => id))}::uuid[]) and xmin = pg_current_xact_id()::xid`.execute(
    trx,
  );
  return new Set(rows.map(({ id }) => id));
}

async function addToDays(
  trx: Transaction<DB>,
  calendar: Calendar,
  events: readonly UsageEvent[],
  prices: PriceOverrides,
): Promise<void> {
  const days = new Map<string, Record<string, string | number>>();
  for (const event of events) {
    const day = calendar.dayOf(new Date(event.at));
    const model = dayModel(event, prices);
    const key = `${day} ${event.userId} ${event.provider} ${model}`;
    const sum = days.get(key) ?? { day, user_id: event.userId, provider: event.provider, model };
    const add = (name: string, value: number) => (sum[name] = Number(sum[name] ?? 0) + value);
    add('calls', 1);
    add('failed_calls', event.outcome === 'failed' ? 1 : 0);
    add('estimated_calls', event.estimated ? 1 : 0);
    add('input_tokens', event.inputTokens);
    add('cached_input_tokens', event.cachedInputTokens);
    add('output_tokens', event.outputTokens);
    add('cost_micros', event.cost);
    days.set(key, sum);
  }
  if (days.size === 0) return;
  // In one order everywhere, so that two writers wait for each other and never both.
  const ordered = [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
  await sql`
    insert into usage_daily as d (day, user_id, provider, model, calls, failed_calls, estimated_calls, input_tokens,
      cached_input_tokens, output_tokens, cost_micros)
    select day, user_id, provider, model, calls, failed_calls, estimated_calls, input_tokens,
      cached_input_tokens, output_tokens, cost_micros
    from jsonb_populate_recordset(null::usage_daily, ${JSON.stringify(ordered)}::jsonb)
    on conflict (day, user_id, provider, model) do update set
      calls = d.calls + excluded.calls,
      failed_calls = d.failed_calls + excluded.failed_calls,
      estimated_calls = d.estimated_calls + excluded.estimated_calls,
      input_tokens = d.input_tokens + excluded.input_tokens,
      cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
      output_tokens = d.output_tokens + excluded.output_tokens,
      cost_micros = d.cost_micros + excluded.cost_micros`.execute(trx);
}

/** Every open period that an event falls into, of its user and of the team. Locks them in one order. */
async function charge(trx: Transaction<DB>, instance: string, events: readonly UsageEvent[]): Promise<Charge[]> {
  const costs = JSON.stringify(costsPerQuarter(events));
  const { rows } = await sql<{ budget: string; period_start: Date; cost: number }>`
    with costs as (
      select b.id as budget, p.period_start, sum(e.cost)::bigint as cost
      from jsonb_to_recordset(${costs}::jsonb) as e (user_id uuid, at timestamptz, cost bigint)
      join budgets b on b.user_id = e.user_id or b.user_id is null
      join budget_periods p on p.budget = b.id and p.period_start <= e.at and e.at < p.period_end
      group by b.id, p.period_start
    )
    select p.budget, p.period_start, c.cost
    from budget_periods p
    join costs c on c.budget = p.budget and c.period_start = p.period_start
    order by p.budget, p.period_start
    for update of p`.execute(trx);
  if (rows.length === 0) return [];
  // A statement of its own: it sees what the leases are now that their periods are locked.
  const leases = await trx
    .selectFrom('budget_leases')
    .where('instance', '=', instance)
    .where(
      'budget',
      'in',
      rows.map(({ budget }) => budget),
    )
    .select(['budget', 'period_start', 'granted_micros'])
    .execute();
  const granted = new Map(leases.map((row) => [accountKey(row.budget, row.period_start), row.granted_micros]));
  const charges = rows.map(({ budget, period_start: periodStart, cost }): Charge => {
    const fromLeaseMicros = Math.min(cost, granted.get(accountKey(budget, periodStart)) ?? 0);
    return { budget, periodStart, costMicros: cost, fromLeaseMicros };
  });
  const moved = JSON.stringify(
    charges.map(({ budget, periodStart, costMicros, fromLeaseMicros }) => ({
      budget,
      period_start: periodStart,
      cost: costMicros,
      from_lease: fromLeaseMicros,
    })),
  );
  const moves = sql`jsonb_to_recordset(${moved}::jsonb) as m (budget uuid, period_start timestamptz, cost bigint, from_lease bigint)`;
  await sql`
    update budget_periods p set spent_micros = p.spent_micros + m.cost, leased_micros = p.leased_micros - m.from_lease
    from ${moves} where p.budget = m.budget and p.period_start = m.period_start`.execute(trx);
  await sql`
    update budget_leases l set granted_micros = l.granted_micros - m.from_lease
    from ${moves}
    where l.budget = m.budget and l.period_start = m.period_start and l.instance = ${instance}
      and m.from_lease > 0`.execute(trx);
  return charges;
}

/** One cost per user and quarter of an hour: periods begin at midnight, which is at a whole quarter in every time zone. */
function costsPerQuarter(events: readonly UsageEvent[]) {
  const costs = new Map<string, { user_id: string; at: string; cost: number }>();
  for (const { userId, at, cost } of events) {
    if (cost === 0) continue;
    const key = `${userId} ${Math.floor(Date.parse(at) / QUARTER_MS)}`;
    const sum = costs.get(key);
    if (sum) sum.cost += cost;
    else costs.set(key, { user_id: userId, at, cost });
  }
  return [...costs.values()];
}
