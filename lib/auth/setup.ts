import { sql } from 'kysely';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../db/database.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { createAccount } from './create-account.ts';
import { hashPassword, parseAccount } from './password.ts';
import { hashToken, newToken } from './tokens.ts';

/** A link that makes the first admin is good for this long. A new one is made at each start. */
const SETUP_TOKEN_HOURS = 24;
/** Only one admin is the first one. */
const FIRST_ADMIN_LOCK = 7_265_143_002;

export function hasAdmin(on: Queryable): Promise<boolean> {
  return on
    .selectFrom('users')
    .where('role', '=', 'admin')
    .select('id')
    .limit(1)
    .executeTakeFirst()
    .then((admin) => admin !== undefined);
}

/** The one-time URL with which the first admin is made, or null when there is an admin. Earlier URLs end. */
export async function createSetupUrl(
  context: Pick<Context, 'database' | 'settings' | 'randomBytes'>,
): Promise<string | null> {
  const { token, hash } = newToken(context);
  const created = await context.database.db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${FIRST_ADMIN_LOCK})`.execute(trx);
    if (await hasAdmin(trx)) return false;
    await trx.deleteFrom('setup_tokens').where('used_at', 'is', null).execute();
    await trx
      .insertInto('setup_tokens')
      .values({ token_hash: hash, expires_at: sql`now() + ${SETUP_TOKEN_HOURS} * interval '1 hour'` })
      .execute();
    return true;
  });
  return created ? `${context.settings.publicUrl}/setup?token=${token}` : null;
}

/** Whether the set-up page has something to do for this token. Throws what `acceptSetup` would. */
export async function checkSetupToken({ database }: Pick<Context, 'database'>, token: string): Promise<void> {
  if (await hasAdmin(database.db)) throw alreadySetUp();
  const found = await liveToken(database.db, token).executeTakeFirst();
  if (!found) throw invalidToken();
}

/**
 * Makes the first admin. Throws `invalid_setup_token`, `already_set_up` or InvalidInputError. Of any number of calls at
 * once one succeeds.
 */
export async function acceptSetup(
  context: Pick<Context, 'database'>,
  input: { token: string; email: string; password: string; name?: string },
): Promise<{ userId: string; email: string }> {
  const { email, password, name = '' } = parseAccount(input);
  await checkSetupToken(context, input.token);
  const passwordHash = await hashPassword(password);
  return context.database.db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${FIRST_ADMIN_LOCK})`.execute(trx);
    if (await hasAdmin(trx)) throw alreadySetUp();
    const token = await liveToken(trx, input.token).forUpdate().executeTakeFirst();
    if (!token) throw invalidToken();
    await trx
      .updateTable('setup_tokens')
      .set({ used_at: sql`now()` })
      .where('id', '=', token.id)
      .execute();
    const userId = await createAccount(trx, { email, name, role: 'admin', passwordHash });
    await audit(trx, { actor: { kind: 'setup' }, action: 'admin.created', target: { kind: 'user', id: userId } });
    return { userId, email };
  });
}

function liveToken(on: Queryable, token: string) {
  return on
    .selectFrom('setup_tokens')
    .where('token_hash', '=', hashToken(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .select('id');
}

/** Thrown only while there is no admin. The page may just have been loaded anew: it forgets the token at once. */
function invalidToken(): NotFoundError {
  return new NotFoundError('invalid_setup_token', 'This set-up link does not work.', {
    next: 'Open the link from the terminal once more. If it is gone, restart the server: it prints a new one.',
  });
}

function alreadySetUp(): ConflictError {
  return new ConflictError('already_set_up', 'There is an admin already.', {
    next: 'Sign in, or ask the admin to invite you.',
  });
}
