import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { NotFoundError } from '../errors.ts';
import { SandboxBusyError } from './errors.ts';
import { keepLease } from './lease-heartbeat.ts';
import { type Lease, leaseEnd, leaseIsFree, RELEASED, updateHeld } from './lease-write.ts';
import type { SandboxRow } from './state.ts';

export type LeaseOptions = {
  /** Why, in a word that people may read: `provision`, `resume`. */
  purpose: string;
  signal?: AbortSignal;
  /** Milliseconds of validity without a heartbeat; a third of it lies between heartbeats. */
  ttlMs?: number;
};

/** A dead holder keeps the others out for this long. */
const LEASE_TTL_MS = 15_000;

/**
 * Holds the lease of a sandbox while `work` runs, and releases it. Throws SandboxBusyError at once when somebody else
 * holds it. All times are the database's, so that clocks of different machines do not matter.
 */
export async function withLease<Result>(
  context: Context,
  sandbox: string,
  options: LeaseOptions,
  work: (lease: Lease, row: SandboxRow) => Promise<Result>,
): Promise<Result> {
  const ttlMs = options.ttlMs ?? LEASE_TTL_MS;
  const row = await take(context, sandbox, options.purpose, ttlMs);
  const held = keepLease(context, { sandbox, token: row.lease_token, ttlMs });
  const signal = options.signal ? AbortSignal.any([held.signal, options.signal]) : held.signal;
  try {
    return await work({ sandbox, token: row.lease_token, signal }, row);
  } finally {
    held.stop();
    await release(context, { sandbox, token: row.lease_token }, ttlMs);
  }
}

async function take({ database, instance }: Context, sandbox: string, purpose: string, ttlMs: number) {
  const row = await database.db
    .updateTable('sandboxes')
    .set({
      lease_holder: instance,
      lease_purpose: purpose,
      lease_token: sql`lease_token + 1`,
      lease_expires_at: leaseEnd(ttlMs),
    })
    .where('id', '=', sandbox)
    .where(leaseIsFree)
    .returningAll()
    .executeTakeFirst();
  if (row) return row;
  const holder = await database.db
    .selectFrom('sandboxes')
    .where('id', '=', sandbox)
    .select('lease_purpose')
    .executeTakeFirst();
  if (!holder) throw new NotFoundError('sandbox_not_found', 'There is no such sandbox.');
  throw new SandboxBusyError(holder.lease_purpose);
}

/** Gives the lease back. While Postgres is away it tries on in the background, at most until the lease has run out. */
async function release(context: Context, lease: Pick<Lease, 'sandbox' | 'token'>, ttlMs: number): Promise<void> {
  const attempt = () => updateHeld(context.database.db, lease, RELEASED).execute();
  try {
    await attempt();
  } catch {
    const retry = (waitMs: number, leftMs: number) => {
      if (leftMs <= 0) return;
      setTimeout(() => void attempt().catch(() => retry(waitMs * 2, leftMs - waitMs)), waitMs).unref();
    };
    retry(200, ttlMs);
  }
}
