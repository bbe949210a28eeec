import { sql } from 'kysely';
import { type Actor, audit, SYSTEM } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../db/database.ts';
import { formatVirtualKey, hashVirtualKey } from './format.ts';

export type MintOptions = {
  userId: string;
  /** The row of the sandbox that the key is for. Its earlier keys are revoked. */
  sandbox: string;
};

/** Makes the key of a sandbox and revokes those it had. The plain text is returned and stored nowhere. */
export async function mintVirtualKey(
  context: Pick<Context, 'database' | 'randomBytes'>,
  options: MintOptions,
  on?: Queryable,
): Promise<string> {
  if (on) return mint(context, options, on);
  return context.database.db.transaction().execute((trx) => mint(context, options, trx));
}

async function mint(context: Pick<Context, 'randomBytes'>, options: MintOptions, on: Queryable) {
  await on
    .updateTable('virtual_keys')
    .set((eb) => ({ revoked_at: eb.fn('now') }))
    .where('sandbox', '=', options.sandbox)
    .where('revoked_at', 'is', null)
    .execute();
  const { id, plain } = await insertKey(context, on, options);
  await makeCurrent(on, options.userId, id);
  return plain;
}

export type NewKey = MintOptions & { expiresAt?: Date | undefined; actor?: Actor | undefined };

/** A further key of a sandbox, beside those that it has. */
export async function insertKey(
  { randomBytes }: Pick<Context, 'randomBytes'>,
  on: Queryable,
  { userId, sandbox, expiresAt, actor = SYSTEM }: NewKey,
): Promise<{ id: string; plain: string }> {
  const plain = formatVirtualKey(userId, randomBytes(16));
  const { id } = await on
    .insertInto('virtual_keys')
    .values({
      user_id: userId,
      sandbox,
      kind: 'sandbox',
      key_hash: hashVirtualKey(plain),
      expires_at: expiresAt ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await audit(on, { actor, action: 'virtual_key.minted', target: { kind: 'virtual_key', id }, details: { sandbox } });
  return { id, plain };
}

export async function makeCurrent(on: Queryable, userId: string, keyId: string): Promise<void> {
  await on.updateTable('users').set({ virtual_key: keyId }).where('id', '=', userId).execute();
}

/** Ends the other keys of a sandbox after a while: calls that are under way and code that read the old one go on. */
export async function endOtherKeys(on: Queryable, sandbox: string, keyId: string, graceSeconds: number): Promise<void> {
  await on
    .updateTable('virtual_keys')
    .set({
      expires_at: sql<Date>`least(expires_at, clock_timestamp() + make_interval(secs => ${graceSeconds}))`,
    })
    .where('sandbox', '=', sandbox)
    .where('id', '<>', keyId)
    .where('revoked_at', 'is', null)
    .execute();
}
