import type { Context } from '../context.ts';

/**
 * The hash of the password that belongs to an address, or null. Waits for whoever is setting a new one, so that what it
 * returns after a session was made tells whether the password that opened it is still the one.
 */
export async function passwordHashOf({ database }: Pick<Context, 'database'>, email: string): Promise<string | null> {
  const row = await database.db
    .selectFrom('identity.account as account')
    .innerJoin('identity.user as person', 'person.id', 'account.userId')
    .where('person.email', '=', email)
    .where('account.providerId', '=', 'credential')
    .select('account.password')
    .forShare('account')
    .executeTakeFirst();
  return row?.password ?? null;
}
