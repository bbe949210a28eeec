import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import { AppError } from '../errors.ts';
import { maskKeys } from '../log.ts';
import { recordEvent } from './events.ts';
import { type Lease, RELEASED, writeUnderLease } from './lease-write.ts';
import type { SandboxRow } from './state.ts';
import { changeStatus } from './transition.ts';
import { withWork } from './work.ts';

export const MAX_ATTEMPTS = 5;
const FIRST_BACKOFF_MS = 2_000;
const MAX_MESSAGE = 500;

/** Failures after which the half-made sandbox may be fine: the next attempt looks for it. */
const KEEPS_SANDBOX = new Set(['engine_unreachable', 'engine_busy']);

/**
 * Writes that an attempt failed: another one follows with back-off, or the sandbox is broken. What the attempt made at
 * the engine is killed; where that does not work, it belongs to an old epoch from now on and is swept.
 */
export async function recordFailure(context: Context, lease: Lease, error: unknown): Promise<void> {
  const failure = describe(error);
  const row = await writeUnderLease(context.database.db, lease, {
    error_code: failure.code,
    error_message: failure.message,
    error_next: failure.next,
  });
  const keep = KEEPS_SANDBOX.has(failure.code) && row.attempt < MAX_ATTEMPTS;
  if (row.sandbox_id && !keep) await killQuietly(context, row.sandbox_id);
  if (row.attempt >= MAX_ATTEMPTS) await giveUp(context, lease, row, failure);
  else await tryAgainLater(context, lease, row, failure, keep);
}

type Failure = { code: string; message: string; next: string };

function describe(error: unknown): Failure {
  const next = 'Ask an admin to look at it; retrying needs nobody to lose anything.';
  if (error instanceof AppError) {
    return { code: error.code, message: maskKeys(error.message).slice(0, MAX_MESSAGE), next: error.next ?? next };
  }
  return { code: 'internal', message: 'Setting up the sandbox failed for a reason that only the log knows.', next };
}

async function killQuietly(context: Context, sandboxId: string): Promise<void> {
  try {
    if ((await withWork(context.database.db, [sandboxId])).size === 0) await context.engine.kill(sandboxId);
  } catch (error) {
    context.log.warn({ err: error, sandboxId }, 'a failed sandbox could not be killed; it will be swept');
  }
}

function giveUp(context: Context, lease: Lease, row: SandboxRow, { code, message, next }: Failure) {
  return context.database.db.transaction().execute((trx) =>
    changeStatus(trx, {
      sandbox: row.id,
      to: 'broken',
      by: { kind: 'system', id: context.instance },
      reason: `${row.attempt} attempts failed. The last one: ${message}`,
      lease,
      set: { ...RELEASED, sandbox_id: null, error_code: code, error_message: message, error_next: next },
      details: { code },
    }),
  );
}

async function tryAgainLater(context: Context, lease: Lease, row: SandboxRow, failure: Failure, keep: boolean) {
  const waitMs = FIRST_BACKOFF_MS * 2 ** (row.attempt - 1);
  const startAfter = new Date(context.now().getTime() + waitMs);
  await context.database.db.transaction().execute(async (trx) => {
    await recordEvent(trx, row, {
      kind: 'attempt_failed',
      phase: row.phase,
      by: { kind: 'system', id: context.instance },
      reason: failure.message,
      details: { code: failure.code, attempt: row.attempt, waitMs },
    });
    await writeUnderLease(trx, lease, {
      ...RELEASED,
      phase: 'queued',
      phase_started_at: databaseNow,
      next_attempt_at: startAfter,
      ...(keep ? {} : { sandbox_id: null, epoch: row.epoch + 1, engine_state: 'unknown' }),
    });
    await context.jobs.send(trx, 'provision', { sandbox: row.id }, { key: row.id, startAfter });
  });
}
