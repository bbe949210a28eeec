import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import { mintVirtualKey } from '../virtual-keys/mint.ts';
import { findOrCreate } from './find-or-create.ts';
import type { EngineSandbox } from './engine.ts';
import { hasEnvironment, sandboxEnvironment, writeEnvironment } from './environment.ts';
import { recordEvent } from './events.ts';
import { type Lease, RELEASED, writeUnderLease } from './lease-write.ts';
import type { SandboxPhase, SandboxRow } from './state.ts';
import { changeStatus } from './transition.ts';
import { verifySandbox } from './verify.ts';
import { waitForHealth } from './wait-for-health.ts';

/** The template boots in one to two seconds; a crowded machine may take ten times that. */
const HEALTH_DEADLINE_MS = 60_000;

/** The steps of one attempt, each recorded before it starts. Each can be repeated. Ends with the sandbox `ready`. */
export async function runSteps(context: Context, lease: Lease, begun: SandboxRow): Promise<SandboxRow> {
  const { sandbox, found, recovered } = await findOrCreate(context, lease, begun);
  let row = await enterPhase(context, lease, 'configuring', sandbox.sandboxId);
  // A second key would cut off a tree of processes that has read the first one already.
  if (!found || !(await hasEnvironment(sandbox, row.epoch, lease.signal)))
    await configure(context, lease, row, sandbox);
  row = await enterPhase(context, lease, 'starting', sandbox.sandboxId);
  // The tools and files are checked while the server starts: it does not need the result.
  const verified = settled(verifySandbox(sandbox, lease.signal));
  const health = await waitForHealth(context.engine, sandbox.sandboxId, {
    deadlineMs: HEALTH_DEADLINE_MS,
    signal: lease.signal,
    // Code of the user that does not run must not lock the user out of it.
    acceptFailed: recovered,
  });
  const early = await Promise.race([verified, Promise.resolve(undefined)]);
  if (!early) await enterPhase(context, lease, 'verifying', sandbox.sandboxId);
  const outcome = await verified;
  if ('error' in outcome) throw outcome.error;
  return context.database.db.transaction().execute((trx) =>
    changeStatus(trx, {
      sandbox: row.id,
      to: 'ready',
      by: { kind: 'system', id: context.instance },
      reason: recovered ? 'Found again, with the work in it' : 'Healthy, with its tools and files',
      lease,
      expect: { epoch: row.epoch },
      set: {
        ...RELEASED,
        phase: 'done',
        phase_started_at: databaseNow,
        template_revision: outcome.value,
        engine_state: 'running',
        engine_state_at: databaseNow,
        last_activity_at: databaseNow,
      },
      details: { runner: health.version ?? null, template: outcome.value },
    }),
  );
}

async function configure(context: Context, lease: Lease, row: SandboxRow, sandbox: EngineSandbox): Promise<void> {
  const key = await mintVirtualKey(context, { userId: row.user_id, sandbox: row.id });
  await writeEnvironment(sandbox, sandboxEnvironment(context, row, sandbox.sandboxId, key), lease.signal);
}

function enterPhase(context: Context, lease: Lease, phase: SandboxPhase, sandboxId: string): Promise<SandboxRow> {
  return context.database.db.transaction().execute(async (trx) => {
    const row = await writeUnderLease(trx, lease, {
      phase,
      phase_started_at: databaseNow,
      sandbox_id: sandboxId,
      engine_state: 'running',
      engine_state_at: databaseNow,
    });
    const by = { kind: 'system', id: context.instance } as const;
    await recordEvent(trx, row, { kind: 'phase', phase, by, reason: phase });
    return row;
  });
}

type Outcome<Value> = { value: Value } | { error: unknown };

/** A promise that may be awaited later without counting as unhandled meanwhile. */
function settled<Value>(promise: Promise<Value>): Promise<Outcome<Value>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
