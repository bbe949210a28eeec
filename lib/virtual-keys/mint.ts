import { audit, SYSTEM } from '../audit.ts';
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

async function mint(context: Pick<Context, 'randomBytes'>, { userId, sandbox }: MintOptions, on: Queryable) {
  const plain = formatVirtualKey(userId, context.randomBytes(16));
  await on
    .updateTable('virtual_keys')
    .set((eb) => ({ revoked_at: eb.fn('now') }))
    .where('sandbox', '=', sandbox)
    .where('revoked_at', 'is', null)
    .execute();
  const { id } = await on
    .insertInto('virtual_keys')
    .values({ user_id: userId, sandbox, kind: 'sandbox', key_hash: hashVirtualKey(plain) })
    .returning('id')
    .executeTakeFirstOrThrow();
  await on.updateTable('users').set({ virtual_key: id }).where('id', '=', userId).execute();
  await audit(on, {
    actor: SYSTEM,
    action: 'virtual_key.minted',
    target: { kind: 'virtual_key', id },
    details: { sandbox },
  });
  return plain;
}
