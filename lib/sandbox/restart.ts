import { sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import type { DB } from '../db/schema.ts';
import type { SandboxRow } from './state.ts';
import { changeStatus, type Transition } from './transition.ts';

/** Sends a sandbox back to its beginning, in the given transaction: a new epoch, no engine sandbox, and a job. */
export async function restartProvisioning(
  context: Pick<Context, 'jobs'>,
  trx: Transaction<DB>,
  change: Omit<Transition, 'to'>,
): Promise<SandboxRow> {
  const row = await changeStatus(trx, {
    ...change,
    to: 'provisioning',
    set: {
      sandbox_id: null,
      epoch: sql`epoch + 1`,
      phase: 'queued',
      phase_started_at: databaseNow,
      attempt: 0,
      next_attempt_at: databaseNow,
      engine_state: 'unknown',
      engine_state_at: null,
      heal_attempt: 0,
      ...change.set,
    },
  });
  await context.jobs.send(trx, 'provision', { sandbox: row.id }, { key: row.id });
  return row;
}
