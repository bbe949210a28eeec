import { sql } from 'kysely';
import type { Context } from '../context.ts';

const BATCH = 5_000;

/**
 * Deletes usage that is older than it is kept: events, sums per day, and periods of budgets that are long over. In
 * batches, so that nobody waits for it. Returns how many events went.
 */
export async function deleteOldUsage(
  { database, settings, now }: Pick<Context, 'database' | 'settings' | 'now'>,
  signal?: AbortSignal,
): Promise<number> {
  const { keepMonths } = settings.usage;
  const end = sql<Date>`(${now()}::timestamptz - make_interval(months => ${keepMonths}))`;
  let deleted = 0;
  for (;;) {
    signal?.throwIfAborted();
    const result = await sql`
      delete from usage_events where id in (select id from usage_events where at < ${end} order by at limit ${BATCH})`.execute(
      database.db,
    );
    const count = Number(result.numAffectedRows ?? 0);
    deleted += count;
    if (count < BATCH) break;
  }
  await sql`delete from usage_daily where day < ${end}::date`.execute(database.db);
  await sql`
    delete from budget_periods p where period_end < ${end} and leased_micros = 0`.execute(database.db);
  await sql`
    delete from budget_raises where expires_at < ${end}`.execute(database.db);
  return deleted;
}
