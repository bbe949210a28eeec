import type { Transaction } from 'kysely';
import type { DB } from '../db/schema.ts';
import { databaseNow } from '../db/now.ts';
import { ConflictError } from '../errors.ts';

export type AccountValues = {
  email: string;
  name: string;
  role: 'member' | 'admin';
  passwordHash: string;
  /** The person cannot choose another address. */
  emailFixed?: boolean;
};

const TAKEN = 'There is an account with this e-mail address already.';

/** Makes a user with an e-mail and password, here and for better-auth, under one id. Throws `email_taken` or `invited_email_taken`. */
export async function createAccount(
  trx: Transaction<DB>,
  { email, name, role, passwordHash, emailFixed = false }: AccountValues,
): Promise<string> {
  const user = await trx
    .insertInto('users')
    .values({ email, name, role })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!user) {
    throw emailFixed
      ? new ConflictError('invited_email_taken', TAKEN, { next: 'Sign in with it.' })
      : new ConflictError('email_taken', TAKEN, { next: 'Sign in with it, or use another address.' });
  }
  await trx.insertInto('identity.user').values({ id: user.id, email, name, emailVerified: false }).execute();
  await trx
    .insertInto('identity.account')
    .values({
      userId: user.id,
      accountId: user.id,
      providerId: 'credential',
      password: passwordHash,
      updatedAt: databaseNow,
    })
    .execute();
  return user.id;
}
