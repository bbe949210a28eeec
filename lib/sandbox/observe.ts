import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import type { EngineState } from './engine.ts';
import { SandboxBusyError, TransitionError } from './errors.ts';
import { restartProvisioning } from './restart.ts';
import type { SandboxRow } from './state.ts';
import { changeStatus } from './transition.ts';

/**
 * Call it when a `ready` sandbox did not answer as a running one does: asks the engine, and brings the row in line with
 * what it says. Returns what the engine said.
 */
export async function observePaused(context: Context, row: SandboxRow): Promise<EngineState> {
  if (!row.sandbox_id) return 'missing';
  const state = await context.engine.inspect(row.sandbox_id);
  await applyObservation(context, row, state);
  return state;
}

/**
 * Brings a row in line with what the engine said about it. `row` is the row as it was before the engine was asked: when
 * anybody has held the lease or changed the status since, the observation is old news and nothing happens.
 */
export async function applyObservation(context: Context, row: SandboxRow, state: EngineState): Promise<boolean> {
  const expect = { status: row.status, epoch: row.epoch, leaseToken: row.lease_token };
  const seen = { engine_state: state, engine_state_at: databaseNow };
  const change = { sandbox: row.id, by: { kind: 'engine' }, expect } as const;
  try {
    if (state === 'paused' && row.status === 'ready') {
      await context.database.db
        .transaction()
        .execute((trx) => changeStatus(trx, { ...change, to: 'paused', reason: 'Idle', set: seen }));
      return true;
    }
    if (state === 'missing' && row.status !== 'provisioning' && row.status !== 'broken') {
      const reason = 'The engine has no such sandbox any more';
      await context.database.db
        .transaction()
        .execute((trx) => restartProvisioning(context, trx, { ...change, reason }));
      return true;
    }
  } catch (error) {
    if (error instanceof SandboxBusyError || error instanceof TransitionError) return false;
    throw error;
  }
  if (row.engine_state === state) return false;
  await context.database.db
    .updateTable('sandboxes')
    .set(seen)
    .where('id', '=', row.id)
    .where('lease_token', '=', row.lease_token)
    .where('epoch', '=', row.epoch)
    .execute();
  return false;
}
