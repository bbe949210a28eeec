import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import { isDatabaseUnavailable } from '../db/database.ts';
import { EngineSandboxMissingError, LeaseLostError, SandboxBusyError } from './errors.ts';
import { findSandbox } from './ensure.ts';
import type { By } from './events.ts';
import { withLease } from './lease.ts';
import { type Lease, RELEASED } from './lease-write.ts';
import { restartProvisioning } from './restart.ts';
import type { SandboxRow } from './state.ts';
import { changeStatus } from './transition.ts';
import { waitForHealth } from './wait-for-health.ts';

export type WakeOptions = {
  by: By;
  /** Why, for the history: `A click`, `POST /api/activity`. */
  reason: string;
  /** Ends the waiting of this caller, not the waking. */
  signal?: AbortSignal;
  /** Milliseconds that this caller is willing to wait. */
  waitMs?: number;
};

export type WakeResult = 'ready' | { retryAfterSeconds: number };

/** A request should not hang for longer than this. */
const DEFAULT_WAIT_MS = 8_000;
/** A paused server answers at once when it is resumed; one whose processes were lost has to boot. */
const HEALTH_DEADLINE_MS = 60_000;
const POLL_MS = 100;
const RETRY_AFTER: WakeResult = { retryAfterSeconds: 2 };

/** Wakes at work in this process, by sandbox. */
const waking = new WeakMap<Context, Map<string, Promise<WakeResult>>>();

/**
 * Wakes a paused sandbox. However many callers and instances ask at once, the engine is asked once. Answers `ready`, or
 * when to ask again: it goes on waking meanwhile, or the sandbox is in a state that a wake does not change.
 */
export async function wakeSandbox(context: Context, row: SandboxRow, options: WakeOptions): Promise<WakeResult> {
  const running = waking.get(context) ?? new Map<string, Promise<WakeResult>>();
  waking.set(context, running);
  let wake = running.get(row.id);
  if (!wake) {
    wake = startWaking(context, row, options).finally(() => running.delete(row.id));
    // Callers may all be gone when it fails.
    wake.catch((error: unknown) => context.log.warn({ err: error, sandbox: row.id }, 'a wake failed'));
    running.set(row.id, wake);
  }
  const giveUp = AbortSignal.timeout(options.waitMs ?? DEFAULT_WAIT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, giveUp]) : giveUp;
  return Promise.race([wake, aborted(signal)]);
}

function aborted(signal: AbortSignal): Promise<WakeResult> {
  if (signal.aborted) return Promise.resolve(RETRY_AFTER);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(RETRY_AFTER), { once: true }));
}

async function startWaking(context: Context, row: SandboxRow, options: WakeOptions): Promise<WakeResult> {
  try {
    return await withLease(context, row.id, { purpose: 'resume' }, (lease, current) =>
      resume(context, lease, current, options),
    );
  } catch (error) {
    if (error instanceof SandboxBusyError) return waitForOther(context, row);
    if (error instanceof LeaseLostError || isDatabaseUnavailable(error)) return RETRY_AFTER;
    throw error;
  }
}

async function resume(
  context: Context,
  lease: Lease,
  row: SandboxRow,
  { by, reason }: WakeOptions,
): Promise<WakeResult> {
  if (row.status === 'ready') return 'ready';
  const { sandbox_id: sandboxId } = row;
  if (row.status !== 'paused' || !sandboxId) return RETRY_AFTER;
  try {
    const timeoutSeconds = context.settings.sandbox.idleSeconds;
    await context.engine.connect(sandboxId, { timeoutSeconds, signal: lease.signal });
    await waitForHealth(context.engine, sandboxId, {
      deadlineMs: HEALTH_DEADLINE_MS,
      signal: lease.signal,
      // Code of the user that does not run must not lock the user out of it.
      acceptFailed: true,
    });
  } catch (error) {
    if (!(error instanceof EngineSandboxMissingError)) throw error;
    await context.database.db.transaction().execute((trx) =>
      restartProvisioning(context, trx, {
        sandbox: row.id,
        by: { kind: 'engine' },
        reason: 'The engine lost the paused sandbox',
        lease,
        set: RELEASED,
      }),
    );
    return RETRY_AFTER;
  }
  await context.database.db.transaction().execute((trx) =>
    changeStatus(trx, {
      sandbox: row.id,
      to: 'ready',
      by,
      reason,
      lease,
      set: {
        ...RELEASED,
        engine_state: 'running',
        engine_state_at: databaseNow,
        last_activity_at: databaseNow,
        extended_at: databaseNow,
      },
    }),
  );
  return 'ready';
}

/** Another instance changes it, very likely wakes it too. */
async function waitForOther(context: Context, row: SandboxRow): Promise<WakeResult> {
  for (const deadline = performance.now() + DEFAULT_WAIT_MS; performance.now() < deadline;) {
    const current = await findSandbox(context, row.user_id);
    if (!current) return RETRY_AFTER;
    if (current.status === 'ready') return 'ready';
    if (!current.lease_holder) return RETRY_AFTER;
    await sleep(POLL_MS);
  }
  return RETRY_AFTER;
}
