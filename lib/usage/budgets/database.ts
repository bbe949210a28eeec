import { sql, type Transaction } from 'kysely';
import type { Context } from '../../context.ts';
import type { DB } from '../../db/schema.ts';
import type { Account } from './account.ts';

type Asks = Pick<Context, 'database' | 'instance'>;

/**
 * Held by all that write events, alone by who opens a period: a period begins with what was spent in it before it was
 * opened, and nothing may be written between the sum and the row.
 */
const WRITE_LOCK = 7_265_143_010;

export async function lockForWriting(trx: Transaction<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${WRITE_LOCK})`.execute(trx);
}

export type Grant = {
  grantedMicros: number;
  /** Left before the grant: neither spent nor leased by anybody. */
  roomMicros: number;
  spentMicros: number;
  /** Null: nobody limits it any more. */
  limitMicros: number | null;
  raiseEnds: Date | null;
};

export type GrantWish = { leastMicros: number; neededMicros: number; aheadMicros: number; at: Date };

/** Asks Postgres for a piece of the budget; the answer is atomic, whoever else asks. */
export async function leaseBudget(context: Asks, account: Account, wish: GrantWish): Promise<Grant> {
  const { budget, period } = account;
  const { rows } = await sql<{
    granted: number;
    room: number;
    spent: number;
    limit_now: number | null;
    raise_ends: Date | null;
  }>`
    select * from lease_budget(${budget.id}, ${period.start}, ${context.instance}, ${budget.defaultMicros}::bigint,
      ${wish.at}, ${wish.leastMicros}::bigint, ${wish.neededMicros}::bigint, ${wish.aheadMicros}::bigint)`.execute(
    context.database.db,
  );
  const [row] = rows;
  if (!row) throw new Error('lease_budget said nothing');
  return {
    grantedMicros: row.granted,
    roomMicros: row.room,
    spentMicros: row.spent,
    limitMicros: row.limit_now,
    raiseEnds: row.raise_ends,
  };
}

/** Gives back up to that much; returns what was taken. */
export async function returnBudget(context: Asks, account: Account, micros: number): Promise<number> {
  const { rows } = await sql<{ returned: number }>`
    select return_budget(${account.budget.id}, ${account.period.start}, ${context.instance}, ${micros}::bigint)
      as returned`.execute(context.database.db);
  return rows[0]?.returned ?? 0;
}

/** What the row of this instance's lease says. */
export async function readLease(context: Asks, account: Account): Promise<number> {
  const row = await context.database.db
    .selectFrom('budget_leases')
    .where('budget', '=', account.budget.id)
    .where('period_start', '=', account.period.start)
    .where('instance', '=', context.instance)
    .select('granted_micros')
    .executeTakeFirst();
  return row?.granted_micros ?? 0;
}

/** Opens the period of a budget, if it is not open yet, with what was spent in it so far. */
export async function openPeriod(context: Asks, { budget, period }: Account): Promise<void> {
  const { db } = context.database;
  const open = await db
    .selectFrom('budget_periods')
    .where('budget', '=', budget.id)
    .where('period_start', '=', period.start)
    .select('budget')
    .executeTakeFirst();
  if (open) return;
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${WRITE_LOCK})`.execute(trx);
    await sql`
      insert into budget_periods (budget, period_start, period_end, spent_micros)
      select b.id, ${period.start}, ${period.end}, coalesce(sum(d.cost_micros), 0)
      from budgets b
      left join usage_daily d on (b.user_id is null or d.user_id = b.user_id)
        and d.day >= ${period.firstDay}::date and d.day <= ${period.lastDay}::date
      where b.id = ${budget.id}
      group by b.id
      on conflict do nothing`.execute(trx);
  });
}
