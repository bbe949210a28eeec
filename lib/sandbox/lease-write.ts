import { sql } from 'kysely';
import type { Queryable } from '../db/database.ts';
import { LeaseLostError } from './errors.ts';
import type { SandboxChange, SandboxRow } from './state.ts';

/** The right to change one sandbox. Every write under it names its token, so that a holder that lost it writes nothing. */
export type Lease = {
  sandbox: string;
  token: number;
  /** Aborted when the lease is lost, or by the caller's own signal. */
  signal: AbortSignal;
};

/** Columns of a row that nobody holds. */
export const RELEASED = { lease_holder: null, lease_purpose: null, lease_expires_at: null } as const;

/** The condition that nobody holds the lease, for statements on `sandboxes`. */
export const leaseIsFree = sql<boolean>`(lease_expires_at is null or lease_expires_at <= clock_timestamp())`;

/** The opposite. */
export const leaseIsHeld = sql<boolean>`lease_expires_at > clock_timestamp()`;

export function leaseEnd(ttlMs: number) {
  return sql<Date>`clock_timestamp() + ${ttlMs} * interval '1 millisecond'`;
}

/** An update of the row that happens only while the lease is held. */
export function updateHeld(on: Queryable, lease: Pick<Lease, 'sandbox' | 'token'>, set: SandboxChange) {
  return on
    .updateTable('sandboxes')
    .set(set)
    .where('id', '=', lease.sandbox)
    .where('lease_token', '=', lease.token)
    .where(leaseIsHeld);
}

/** Writes columns under the lease and returns the row. Throws LeaseLostError when it is not held any more. */
export async function writeUnderLease(on: Queryable, lease: Lease, set: SandboxChange): Promise<SandboxRow> {
  const row = await updateHeld(on, lease, set).returningAll().executeTakeFirst();
  if (!row) throw new LeaseLostError();
  return row;
}
