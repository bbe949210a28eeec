import { sql } from 'kysely';
import { type Actor, audit } from '../audit.ts';
import type { Context } from '../context.ts';
import { NotFoundError } from '../errors.ts';

export type KeyInfo = {
  id: string;
  userId: string;
  kind: 'sandbox' | 'guest';
  current: boolean;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};

const MAX_LISTED = 200;

/** The keys of a user, the newest first. What they are is nowhere to be read. */
export async function listKeys({ database }: Pick<Context, 'database'>, userId: string): Promise<KeyInfo[]> {
  const rows = await database.db
    .selectFrom('virtual_keys')
    .innerJoin('users', 'users.id', 'virtual_keys.user_id')
    .where('virtual_keys.user_id', '=', userId)
    .selectAll('virtual_keys')
    .select('users.virtual_key as current_key')
    .orderBy('virtual_keys.created_at', 'desc')
    .limit(MAX_LISTED)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    userId: row.user_id,
    kind: row.kind,
    current: row.current_key === row.id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  }));
}

export type KeyChange = { keyId: string; actor: Actor; requestId?: string | undefined };

/** Ends a key for good, everywhere within a second. Throws `key_not_found`. */
export async function revokeKey(context: Pick<Context, 'database'>, change: KeyChange): Promise<void> {
  await changeKey(context, change, 'virtual_key.revoked', { revoked_at: sql<Date>`coalesce(revoked_at, now())` });
}

/** Sets when a key ends by itself; null: it does not. Throws `key_not_found`. */
export async function setKeyExpiry(
  context: Pick<Context, 'database'>,
  change: KeyChange & { expiresAt: Date | null },
): Promise<void> {
  await changeKey(context, change, 'virtual_key.expiry_set', { expires_at: change.expiresAt });
}

async function changeKey(
  { database }: Pick<Context, 'database'>,
  { keyId, actor, requestId }: KeyChange,
  action: string,
  set: object,
): Promise<void> {
  await database.db.transaction().execute(async (trx) => {
    const key = await trx
      .updateTable('virtual_keys')
      .set(set)
      .where('id', '=', keyId)
      .returning(['user_id', 'expires_at'])
      .executeTakeFirst();
    if (!key) throw new NotFoundError('key_not_found', 'There is no such key.');
    await audit(trx, {
      actor,
      action,
      target: { kind: 'virtual_key', id: keyId },
      details: { userId: key.user_id, expiresAt: key.expires_at?.toISOString() ?? null },
      ...(requestId === undefined ? {} : { requestId }),
    });
  });
}
