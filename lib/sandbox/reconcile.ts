import { sql } from 'kysely';
import { audit, SYSTEM } from '../audit.ts';
import type { Context } from '../context.ts';
import type { ListedSandbox } from './engine.ts';
import { leaseIsFree } from './lease-write.ts';
import { applyObservation } from './observe.ts';
import type { SandboxRow } from './state.ts';
import { withWork } from './work.ts';

export type ReconcileOptions = {
  /** Milliseconds that an engine sandbox may exist without its row knowing it: an attempt may be about to write it. */
  orphanGraceMs?: number;
  signal?: AbortSignal;
};

export type Reconciled = { jobsSent: number; observed: number; killed: number };

const ORPHAN_GRACE_MS = 60_000;
const MAX_ROWS = 10_000;
/** Jobs sent again in one go: those who wait longest first. */
const MAX_JOBS = 50;

/**
 * Sends jobs for rows that are to be provisioned, are due, and that nobody works on: their job was lost, or its worker
 * died. A job that waits in the queue already is not doubled.
 */
export async function resendLostJobs(context: Context): Promise<number> {
  const rows = await context.database.db
    .selectFrom('sandboxes')
    .where('status', '=', 'provisioning')
    .where('next_attempt_at', '<=', sql<Date>`clock_timestamp()`)
    .where(leaseIsFree)
    .select('id')
    .orderBy('next_attempt_at')
    .limit(MAX_JOBS)
    .execute();
  let sent = 0;
  for (const { id } of rows) {
    if (await context.jobs.send(context.database.db, 'provision', { sandbox: id }, { key: id })) sent += 1;
  }
  return sent;
}

/**
 * Compares what the engine has with what the rows say. Rows learn that their sandbox was paused or is gone; engine
 * sandboxes without a row are killed.
 */
export async function reconcileEngine(
  context: Context,
  options: ReconcileOptions = {},
): Promise<Omit<Reconciled, 'jobsSent'>> {
  // The rows first: one that changes while the engine is asked has another lease token afterwards.
  const rows = await readRows(context);
  const listed = await context.engine.list({ deployment: context.settings.deploymentId }, options.signal);
  const byId = new Map(listed.map((sandbox) => [sandbox.sandboxId, sandbox]));
  let observed = 0;
  for (const row of rows) {
    if (!row.sandbox_id || row.status === 'provisioning') continue;
    // A list may miss what is just being changed: "missing" is asked once more about the one sandbox.
    const state = byId.get(row.sandbox_id)?.state ?? (await context.engine.inspect(row.sandbox_id, options.signal));
    if (await applyObservation(context, row, state)) observed += 1;
  }
  return { observed, killed: await killOrphans(context, listed, options) };
}

function readRows({ database }: Context): Promise<SandboxRow[]> {
  return database.db.selectFrom('sandboxes').selectAll().limit(MAX_ROWS).execute();
}

async function killOrphans(context: Context, listed: ListedSandbox[], options: ReconcileOptions): Promise<number> {
  const before = context.now().getTime() - (options.orphanGraceMs ?? ORPHAN_GRACE_MS);
  const old = listed.filter(({ startedAt }) => startedAt.getTime() <= before);
  if (old.length === 0) return 0;
  // Read after the list: a sandbox made since then is not in it.
  const rows = await readRows(context);
  const known = new Set(rows.map(({ sandbox_id: id }) => id));
  const making = new Set(rows.filter(isMaking).map(({ id, epoch }) => `${id} ${epoch}`));
  const candidates = old.filter(
    ({ sandboxId, metadata }) => !known.has(sandboxId) && !making.has(`${metadata['sandboxRow']} ${metadata['epoch']}`),
  );
  // What people worked in is kept, and found again by its row: see `findOrCreate`.
  const worked = await withWork(
    context.database.db,
    candidates.map(({ sandboxId }) => sandboxId),
  );
  const orphans = candidates.filter(({ sandboxId }) => !worked.has(sandboxId));
  let killed = 0;
  for (const orphan of orphans) if (await killOrphan(context, orphan, options)) killed += 1;
  return killed;
}

/** Its engine sandbox may exist before the row knows its id. */
function isMaking(row: SandboxRow): boolean {
  return row.status === 'provisioning' && row.sandbox_id === null;
}

async function killOrphan(context: Context, orphan: ListedSandbox, { signal }: ReconcileOptions): Promise<boolean> {
  const { sandboxId, metadata, startedAt } = orphan;
  try {
    if (!(await context.engine.kill(sandboxId, signal))) return false;
  } catch (error) {
    context.log.warn({ err: error, sandboxId }, 'an orphan could not be killed');
    return false;
  }
  context.log.warn({ sandboxId, metadata }, 'killed an engine sandbox that no row knows');
  await audit(context.database.db, {
    actor: SYSTEM,
    action: 'sandbox.orphan_killed',
    target: { kind: 'engine_sandbox', id: sandboxId },
    details: { metadata, startedAt: startedAt.toISOString() },
  });
  return true;
}
