import { hostname } from 'node:os';
import type { Context } from '../context.ts';
import { leaseIsHeld, RELEASED } from './lease-write.ts';

/** Holders of leases are named `<process>:<host>:<pid>:<random>`, see `createContext`. */
const HOLDER = /^[^:]+:([^:]+):(\d+):/;
const MAX_ROWS = 1_000;

/**
 * Ends the leases of processes of this machine that are dead: their sandboxes need not wait until the leases run out.
 * A mistake does no harm, since a holder that lost its lease writes nothing more.
 */
export async function releaseDeadLeases(
  { database, log }: Pick<Context, 'database' | 'log'>,
  isAlive: (pid: number) => boolean = processExists,
): Promise<number> {
  const held = await database.db
    .selectFrom('sandboxes')
    .where(leaseIsHeld)
    .select(['id', 'lease_holder', 'lease_token'])
    .limit(MAX_ROWS)
    .execute();
  const dead = held.filter(({ lease_holder: holder }) => isDead(holder ?? '', isAlive));
  for (const { id, lease_holder: holder, lease_token: token } of dead) {
    log.warn({ sandbox: id, holder }, 'the holder of a lease is dead');
    await database.db
      .updateTable('sandboxes')
      .set(RELEASED)
      .where('id', '=', id)
      .where('lease_token', '=', token)
      .execute();
  }
  return dead.length;
}

function isDead(holder: string, isAlive: (pid: number) => boolean): boolean {
  const [, host, pid] = HOLDER.exec(holder) ?? [];
  return host === hostname() && pid !== undefined && !isAlive(Number(pid));
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
