import { sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import type { DB, Json } from '../db/schema.ts';
import { NotFoundError } from '../errors.ts';
import { LeaseLostError, SandboxBusyError, TransitionError } from './errors.ts';
import { type By, recordEvent } from './events.ts';
import type { Lease } from './lease-write.ts';
import { canBecome, type SandboxChange, type SandboxRow, type SandboxStatus } from './state.ts';

export type Transition = {
  sandbox: string;
  to: SandboxStatus;
  by: By;
  /** Why, for people: it stands in the history. */
  reason: string;
  /** The lease under which it happens. Without one it happens only while nobody holds one. */
  lease?: Pick<Lease, 'token'>;
  /** What the caller believes the row to be. When it is something else by now, nothing happens. */
  expect?: { status?: SandboxStatus; epoch?: number; leaseToken?: number };
  set?: SandboxChange;
  details?: Record<string, Json>;
};

const NO_ERROR = { error_code: null, error_message: null, error_next: null } as const;

/** Changes the status of a sandbox, in a transaction of its own. Throws as `changeStatus` does. */
export function transition(context: Pick<Context, 'database'>, change: Transition): Promise<SandboxRow> {
  return context.database.db.transaction().execute((trx) => changeStatus(trx, change));
}

/**
 * The one place where a status changes: checks the state machine and the lease, writes the row and the event.
 * Throws TransitionError, LeaseLostError, SandboxBusyError or NotFoundError, and then nothing was written.
 */
export async function changeStatus(trx: Transaction<DB>, change: Transition): Promise<SandboxRow> {
  const old = await trx
    .selectFrom('sandboxes')
    .selectAll()
    .select(sql<boolean>`coalesce(lease_expires_at > clock_timestamp(), false)`.as('held'))
    .where('id', '=', change.sandbox)
    .forUpdate()
    .executeTakeFirst();
  if (!old) throw new NotFoundError('sandbox_not_found', 'There is no such sandbox.');
  checkLease(old, change);
  if (!canBecome(old.status, change.to) || !isExpected(old, change)) throw new TransitionError(old.status, change.to);
  const row = await trx
    .updateTable('sandboxes')
    .set({ ...NO_ERROR, status: change.to, status_started_at: databaseNow, ...change.set })
    .where('id', '=', change.sandbox)
    .returningAll()
    .executeTakeFirstOrThrow();
  const { by, reason, to, details } = change;
  await recordEvent(trx, row, { kind: 'status', by, reason, from: old.status, to, ...(details ? { details } : {}) });
  return row;
}

function checkLease(old: SandboxRow & { held: boolean }, { lease }: Transition): void {
  if (lease && !(old.held && old.lease_token === lease.token)) throw new LeaseLostError();
  if (!lease && old.held) throw new SandboxBusyError(old.lease_purpose);
}

function isExpected(old: SandboxRow, { expect }: Transition): boolean {
  return (
    (expect?.status === undefined || expect.status === old.status) &&
    (expect?.epoch === undefined || expect.epoch === old.epoch) &&
    (expect?.leaseToken === undefined || expect.leaseToken === old.lease_token)
  );
}
