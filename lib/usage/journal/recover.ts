import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import { lostCall, startedCallSchema, type StartedCall, type UsageEvent } from '../events/event.ts';
import { writeEvents } from '../events/write.ts';
import { writeOrSetAside } from '../events/write-or-set-aside.ts';
import type { Calendar } from '../periods.ts';
import { OWNER_FILE, readJournal } from './disk.ts';
import { isAlive, type Owner, ownerSchema } from './owner.ts';

type Needs = Pick<Context, 'database' | 'settings' | 'log' | 'instance'>;

const BATCH = 500;
/** Beyond the end of a registration, in which its own process has stopped to use its leases long ago. Seconds. */
const GRACE_SECONDS = 5;
/**
 * How long leases of a process that kept its journal on a disk wait for somebody who can read it. After that they come
 * back without it: the disk is lost, and with it what that process had not written to Postgres. Seconds.
 */
export const LOST_DISK_SECONDS = 600;

/**
 * Brings in what dead processes left: first their calls, then what they had leased. Several may do it at once, and any of
 * them may die at it: events are written once whoever does it, and leases go with the row of their instance.
 */
export async function recoverDead(context: Needs, calendar: Calendar, journalFolder: string | null): Promise<void> {
  if (journalFolder !== null) await recoverJournals(context, calendar, journalFolder);
  const { rows } = await sql<{ instance: string }>`
    select instance from usage_instances
    where expires_at < clock_timestamp() - make_interval(secs =>
      case journal when 'disk' then ${LOST_DISK_SECONDS}::float8 else ${GRACE_SECONDS}::float8 end)`.execute(
    context.database.db,
  );
  for (const { instance } of rows) {
    const reservations = await context.database.db
      .selectFrom('usage_reservations')
      .where('instance', '=', instance)
      .select('call')
      .execute();
    const calls = reservations.flatMap(({ call }) => startedCallSchema.safeParse(call).data ?? []);
    await writeInBatches(context, calendar, instance, calls.map(lostCall));
    if (await releaseInstance(context, instance, true)) {
      context.log.warn({ instance, calls: calls.length }, 'what a dead instance had leased came back');
    }
  }
}

async function recoverJournals(context: Needs, calendar: Calendar, folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const own = join(folder, name);
    const owner = await readOwner(own);
    if (!owner || owner.instance === context.instance) continue;
    const state = isAlive(owner);
    if (state === 'alive' || (state === 'unknown' && !(await hasExpired(context, owner.instance)))) continue;
    const { began, ended } = await readJournals(own);
    const lost = [...began.values()].filter(({ id }) => !ended.has(id));
    await writeInBatches(context, calendar, owner.instance, [...ended.values(), ...lost.map(lostCall)]);
    await releaseInstance(context, owner.instance, false);
    await rm(own, { recursive: true, force: true });
    if (began.size > 0) {
      const found = { instance: owner.instance, ended: ended.size, lost: lost.length };
      context.log.warn(found, 'the usage of a dead process was written from its journal');
    }
  }
}

/** Null for a folder that was made a moment ago, or is none of ours. */
async function readOwner(folder: string): Promise<Owner | null> {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(await readFile(join(folder, OWNER_FILE), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function readJournals(folder: string) {
  const found = { began: new Map<string, StartedCall>(), ended: new Map<string, UsageEvent>() };
  for (const file of (await readdir(folder).catch(() => [])).toSorted()) {
    // Another process may have recovered it meanwhile.
    if (file.endsWith('.journal')) readJournal(await readFile(join(folder, file), 'utf8').catch(() => ''), found);
  }
  return found;
}

async function hasExpired({ database }: Needs, instance: string): Promise<boolean> {
  const { rows } = await sql<{ live: boolean }>`
    select exists (select from usage_instances where instance = ${instance}
      and expires_at > clock_timestamp() - make_interval(secs => ${GRACE_SECONDS})) as live`.execute(database.db);
  return rows[0]?.live === false;
}

async function writeInBatches(context: Needs, calendar: Calendar, instance: string, events: UsageEvent[]) {
  for (let from = 0; from < events.length; from += BATCH) {
    await writeOrSetAside(context.log, events.slice(from, from + BATCH), async (batch) => {
      await writeEvents(context, calendar, instance, batch);
    });
  }
}

/**
 * Removes an instance and returns what is left of its leases to their budgets.
 * @param onlyExpired it may have renewed its registration since it was looked at
 */
export async function releaseInstance(
  { database }: Pick<Context, 'database'>,
  instance: string,
  onlyExpired: boolean,
): Promise<boolean> {
  return database.db.transaction().execute(async (trx) => {
    // Periods first, in one order: their rows guard the leases.
    const leases = () => trx.selectFrom('budget_leases').where('instance', '=', instance);
    await sql`
      select 1 from budget_periods p
      where exists (select from budget_leases l where l.instance = ${instance}
        and l.budget = p.budget and l.period_start = p.period_start)
      order by budget, period_start for update`.execute(trx);
    const held = await trx
      .selectFrom('usage_instances')
      .where('instance', '=', instance)
      .$if(onlyExpired, (query) => query.where('expires_at', '<', sql<Date>`clock_timestamp()`))
      .select('instance')
      .forUpdate()
      .executeTakeFirst();
    if (!held) return false;
    for (const lease of await leases().select(['budget', 'period_start', 'granted_micros']).execute()) {
      await trx
        .updateTable('budget_periods')
        .set((eb) => ({ leased_micros: eb('leased_micros', '-', lease.granted_micros) }))
        .where('budget', '=', lease.budget)
        .where('period_start', '=', lease.period_start)
        .execute();
    }
    await trx.deleteFrom('usage_instances').where('instance', '=', instance).execute();
    return true;
  });
}
