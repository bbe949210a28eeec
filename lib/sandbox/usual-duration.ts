import { sql } from 'kysely';
import type { Context } from '../context.ts';

/** Fewer set-ups than this say nothing about the next one. */
const MIN_SAMPLES = 3;
/** Only the latest count: the machine and the template change. */
const MAX_SAMPLES = 50;

/** Median time from `provisioning` to `ready` of the latest set-ups, in milliseconds; null while there are too few. */
export async function usualProvisioningTime(context: Pick<Context, 'database'>): Promise<number | null> {
  const { rows } = await sql<{ samples: number; milliseconds: number | null }>`
    with finished as (
      select id, sandbox, at from sandbox_events
      where kind = 'status' and from_status = 'provisioning' and to_status = 'ready'
      order by id desc limit ${MAX_SAMPLES}
    ), timed as (
      select extract(epoch from finished.at - begun.at) * 1000 as milliseconds
      from finished cross join lateral (
        select at from sandbox_events
        where sandbox = finished.sandbox and id < finished.id and kind = 'status' and to_status = 'provisioning'
        order by id desc limit 1
      ) begun
    )
    select count(*)::int as samples,
      (percentile_cont(0.5) within group (order by milliseconds))::float8 as milliseconds
    from timed`.execute(context.database.db);
  const [row] = rows;
  return row && row.samples >= MIN_SAMPLES ? row.milliseconds : null;
}
