import type { Transaction } from 'kysely';
import { audit } from '../audit.ts';
import { databaseNow } from '../db/now.ts';
import type { Queryable } from '../db/database.ts';
import type { DB } from '../db/schema.ts';
import { forgetAttempts } from './sign-in-limits.ts';

export type Replacement = {
  userId: string;
  email: string;
  /** As for signIn. */
  address: string;
  passwordHash: string;
  action: 'password.set' | 'password.changed';
  /** Only while this is still the hash. */
  instead?: string;
  /** Token of the one session that goes on. */
  keep?: string;
};

/**
 * Puts a password in place of the old one: ends the person's password links and sessions, and forgets attempts to sign in
 * that failed before, from any place together or from `address`. Returns the ids of the sessions that it ended, or null,
 * for the caller to roll back, when the password is not `instead` any more. Links before the password before sessions: all who end several keep to this order,
 * and a sign-in with the old password that is under way looks at the password again once this has committed.
 */
export async function replacePassword(trx: Transaction<DB>, replacement: Replacement): Promise<string[] | null> {
  const { userId, email, address, passwordHash, action, instead, keep } = replacement;
  await endLinks(trx, userId);
  let account = trx
    .updateTable('identity.account')
    .set({ password: passwordHash, updatedAt: databaseNow })
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential');
  if (instead !== undefined) account = account.where('password', '=', instead);
  const { numUpdatedRows } = await account.executeTakeFirst();
  if (instead !== undefined && !numUpdatedRows) return null;
  let sessions = trx.deleteFrom('identity.session').where('userId', '=', userId);
  if (keep !== undefined) sessions = sessions.where('token', '!=', keep);
  const ended = await sessions.returning('id').execute();
  await forgetAttempts(trx, email, address);
  await audit(trx, { actor: { kind: 'user', id: userId }, action, target: { kind: 'user', id: userId } });
  return ended.map(({ id }) => id);
}

export async function endLinks(trx: Transaction<DB>, userId: string): Promise<void> {
  await trx.deleteFrom('password_links').where('user_id', '=', userId).execute();
}

/** Whether a person signs in with a password. Who comes from another provider of identity has none to set or change. */
export async function hasPassword(on: Queryable, userId: string): Promise<boolean> {
  const account = await on
    .selectFrom('identity.account')
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential')
    .select('id')
    .executeTakeFirst();
  return account !== undefined;
}
