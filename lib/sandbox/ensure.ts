import type { Context } from '../context.ts';
import { recordEvent } from './events.ts';
import type { SandboxRow } from './state.ts';

/** The sandbox of a user, or undefined. Always from the database. */
export function findSandbox(context: Pick<Context, 'database'>, userId: string): Promise<SandboxRow | undefined> {
  return context.database.db.selectFrom('sandboxes').selectAll().where('user_id', '=', userId).executeTakeFirst();
}

/**
 * The sandbox of a user, made at the first call: row, event and job in one transaction. Any number of calls at once
 * make one. It does not wake or repair what is there.
 */
export async function ensureSandbox(context: Pick<Context, 'database' | 'jobs'>, userId: string): Promise<SandboxRow> {
  const existing = await findSandbox(context, userId);
  if (existing) return existing;
  const made = await context.database.db.transaction().execute(async (trx) => {
    const row = await trx
      .insertInto('sandboxes')
      .values({ user_id: userId })
      .onConflict((conflict) => conflict.column('user_id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row) return undefined;
    const by = { kind: 'user', id: userId } as const;
    await recordEvent(trx, row, { kind: 'status', by, reason: 'First visit', to: 'provisioning' });
    await context.jobs.send(trx, 'provision', { sandbox: row.id }, { key: row.id });
    return row;
  });
  if (made) return made;
  // Somebody else's transaction made it between our look and our insert, and has committed.
  const row = await findSandbox(context, userId);
  if (!row) throw new Error(`the sandbox of user ${userId} was deleted while it was being made`);
  return row;
}
