import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import { AppError } from '../errors.ts';
import { recordEvent } from './events.ts';
import { type Lease, writeUnderLease } from './lease-write.ts';
import { recordFailure } from './provision-failure.ts';
import type { SandboxRow } from './state.ts';

/** An attempt that is interrupted more often than this probably kills the workers that try it. */
const MAX_INTERRUPTIONS = 10;

/**
 * Counts a new attempt, or goes on with the one that was interrupted. Null when it is not to be done now: it is too
 * early, or it was interrupted so often that it counts as failed.
 */
export async function beginAttempt(context: Context, lease: Lease, row: SandboxRow): Promise<SandboxRow | null> {
  if (row.phase !== 'queued') return resumeAttempt(context, lease, row);
  if (await isTooEarly(context, row)) return null;
  return context.database.db.transaction().execute(async (trx) => {
    const begun = await writeUnderLease(trx, lease, {
      attempt: row.attempt + 1,
      phase: 'creating',
      phase_started_at: databaseNow,
      error_code: null,
      error_message: null,
      error_next: null,
    });
    await recordEvent(trx, begun, {
      kind: 'phase',
      phase: 'creating',
      by: { kind: 'system', id: context.instance },
      reason: `Attempt ${begun.attempt}`,
    });
    return begun;
  });
}

async function isTooEarly(context: Context, row: SandboxRow): Promise<boolean> {
  const { early } = await context.database.db
    .selectNoFrom(sql<boolean>`${row.next_attempt_at}::timestamptz > clock_timestamp()`.as('early'))
    .executeTakeFirstOrThrow();
  if (!early) return false;
  const startAfter = row.next_attempt_at;
  await context.jobs.send(context.database.db, 'provision', { sandbox: row.id }, { key: row.id, startAfter });
  return true;
}

async function resumeAttempt(context: Context, lease: Lease, row: SandboxRow): Promise<SandboxRow | null> {
  const { interruptions } = await context.database.db
    .selectFrom('sandbox_events')
    .where('sandbox', '=', row.id)
    .where('epoch', '=', row.epoch)
    .where('kind', '=', 'lease')
    .select((eb) => eb.fn.countAll<number>().as('interruptions'))
    .executeTakeFirstOrThrow();
  if (interruptions >= MAX_INTERRUPTIONS) {
    await recordFailure(context, lease, new AppError('interrupted', 'Setting up was interrupted again and again.'));
    return null;
  }
  await recordEvent(context.database.db, row, {
    kind: 'lease',
    phase: row.phase,
    by: { kind: 'system', id: context.instance },
    reason: 'Went on with an interrupted attempt',
  });
  return row;
}
