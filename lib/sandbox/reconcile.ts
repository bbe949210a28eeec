import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { leaseIsFree } from './lease-write.ts';
import { applyObservation } from './observe.ts';
import { handleOrphans, type OrphanOptions } from './orphans.ts';
import type { SandboxRow } from './state.ts';

export type Reconciled = {
  /** Rows that learned something. */
  observed: number;
  /** Orphans: see `handleOrphans`. */
  killed: number;
  reported: number;
};

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
 * sandboxes without a row are killed or reported.
 */
export async function reconcileEngine(context: Context, options: OrphanOptions = {}): Promise<Reconciled> {
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
  return { observed, ...(await handleOrphans(context, listed, options)) };
}

function readRows({ database }: Context): Promise<SandboxRow[]> {
  return database.db.selectFrom('sandboxes').selectAll().limit(MAX_ROWS).execute();
}
