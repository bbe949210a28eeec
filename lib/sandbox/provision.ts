import type { Context } from '../context.ts';
import { isDatabaseUnavailable } from '../db/database.ts';
import type { JobPayload } from '../jobs/queues.ts';
import { LeaseLostError, SandboxBusyError } from './errors.ts';
import { withLease } from './lease.ts';
import type { Lease } from './lease-write.ts';
import { beginAttempt } from './provision-begin.ts';
import { recordFailure } from './provision-failure.ts';
import { runSteps } from './provision-steps.ts';
import type { SandboxRow } from './state.ts';

/**
 * Handler of the `provision` job: does one attempt to bring the sandbox to `ready`. It goes on where an interrupted
 * attempt ended. Returns normally when there is nothing to do, when somebody else is at it, and when an attempt failed
 * and was recorded; the next attempt is a job of its own. Throws when the outcome could not be written.
 */
export async function provisionSandbox(
  context: Context,
  { sandbox }: JobPayload<'provision'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await withLease(context, sandbox, { purpose: 'provision', signal }, (lease, row) =>
      attempt(context, lease, row, signal),
    );
  } catch (error) {
    // The holder works on it, or has died: then the worker's reconciliation sends a new job.
    if (error instanceof SandboxBusyError || error instanceof LeaseLostError) {
      context.log.info({ sandbox, code: error.code }, 'provisioning was left to another holder');
      return;
    }
    throw error;
  }
}

async function attempt(context: Context, lease: Lease, row: SandboxRow, stopping: AbortSignal): Promise<void> {
  if (row.status !== 'provisioning') return;
  const begun = await beginAttempt(context, lease, row);
  if (!begun) return;
  const log = context.log.child({ sandbox: row.id, attempt: begun.attempt, epoch: begun.epoch });
  const started = performance.now();
  try {
    const { sandbox_id: sandboxId } = await runSteps(context, lease, begun);
    log.info({ sandboxId, ms: Math.round(performance.now() - started) }, 'sandbox is ready');
  } catch (error) {
    if (stopping.aborted) {
      // The process ends. What was done stays; the next worker goes on from there.
      await context.jobs.send(context.database.db, 'provision', { sandbox: row.id }, { key: row.id });
      return;
    }
    if (lease.signal.aborted || error instanceof LeaseLostError) throw new LeaseLostError();
    if (isDatabaseUnavailable(error)) throw error;
    log.warn({ err: error }, 'an attempt to provision failed');
    await recordFailure(context, lease, error);
  }
}
