import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import type { RunnerHealth } from './engine.ts';
import { LeaseLostError, SandboxBusyError } from './errors.ts';
import { withLease } from './lease.ts';
import { leaseIsFree, RELEASED } from './lease-write.ts';
import { transition } from './transition.ts';
import { waitForHealth } from './wait-for-health.ts';

/** A server that was asleep needs a moment. */
const ANSWER_MS = 30_000;
/** A healer that lives reports more often than this. */
const SILENCE_SECONDS = 300;
const MAX_ROWS = 20;

/** Every repair gets a verdict: where the healer fell silent, the server on 4111 is asked instead. */
export async function judgeSilentHeals(context: Context, signal?: AbortSignal): Promise<number> {
  const rows = await context.database.db
    .selectFrom('sandboxes')
    .where('status', '=', 'healing')
    .where(leaseIsFree)
    .where(
      sql<boolean>`greatest(healed_at, status_started_at) < clock_timestamp() - ${SILENCE_SECONDS} * interval '1 second'`,
    )
    .select('id')
    .limit(MAX_ROWS)
    .execute();
  for (const { id } of rows) await judge(context, id, signal);
  return rows.length;
}

/** What the server says, awake if need be; null when it says nothing. */
async function askServer(context: Context, sandboxId: string, signal: AbortSignal): Promise<RunnerHealth | null> {
  try {
    await context.engine.connect(sandboxId, { timeoutSeconds: context.settings.sandbox.idleSeconds, signal });
    return await waitForHealth(context.engine, sandboxId, { deadlineMs: ANSWER_MS, signal, acceptFailed: true });
  } catch (error) {
    signal.throwIfAborted();
    // Whatever it is, the sandbox does not serve anybody.
    if (error instanceof AppError && error.code !== 'engine_unreachable') return null;
    throw error;
  }
}

async function judge(context: Context, sandbox: string, signal?: AbortSignal): Promise<void> {
  try {
    await withLease(context, sandbox, { purpose: 'heal', ...(signal ? { signal } : {}) }, async (lease, row) => {
      if (row.status !== 'healing' || !row.sandbox_id) return;
      const health = await askServer(context, row.sandbox_id, lease.signal);
      const by = { kind: 'system', id: context.instance } as const;
      if (health?.state === 'ready') {
        await transition(context, {
          sandbox,
          to: 'ready',
          by,
          lease,
          reason: 'Healthy, though the healer fell silent',
          set: RELEASED,
        });
        return;
      }
      const error = {
        error_code: 'heal_no_verdict',
        error_message: health?.error ?? 'The workspace was being repaired and did not come back.',
        error_next: 'Your work is kept. Ask an admin of your team.',
      };
      await transition(context, {
        sandbox,
        to: 'broken',
        by,
        lease,
        reason: 'The healer fell silent',
        set: { ...RELEASED, ...error },
      });
    });
  } catch (error) {
    if (error instanceof SandboxBusyError || error instanceof LeaseLostError) return;
    throw error;
  }
}
