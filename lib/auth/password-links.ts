import { sql, type Transaction } from 'kysely';
import { audit, SYSTEM } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../db/database.ts';
import type { DB } from '../db/schema.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { lockAdmins, memberNotFound, notAdmin } from './members.ts';
import { hashPassword, parsePassword } from './password.ts';
import { endLinks, hasPassword, replacePassword } from './replace-password.ts';
import { hashToken, newToken } from './tokens.ts';

export const PASSWORD_LINK_HOURS = 24;

export type NewPasswordLink = {
  userId: string;
  /** Id of the admin; null: whoever runs commands on the server. */ by: string | null;
};

/**
 * Makes a link with which a person sets a new password, once. Earlier links of theirs end. The URL is returned once and
 * stored nowhere. Throws `own_account`, `not_admin`, `member_not_found`, `member_disabled` or `no_password`.
 */
export async function createPasswordLink(
  context: { settings: { publicUrl: string } } & Pick<Context, 'database' | 'randomBytes'>,
  { userId, by }: NewPasswordLink,
): Promise<{ url: string; expiresAt: Date }> {
  if (userId === by) {
    throw new ConflictError('own_account', 'You cannot make a password link for yourself.', {
      next: 'Ask another admin, or run `npm run password-link` on the server.',
    });
  }
  const { token, hash } = newToken(context);
  const expiresAt = await context.database.db.transaction().execute(async (trx) => {
    // Before the person, as all who change people do. Whoever was an admin a moment ago makes no link.
    const admins = await lockAdmins(trx);
    if (by !== null && !admins.includes(by)) throw notAdmin();
    const user = await trx
      .selectFrom('users')
      .where('id', '=', userId)
      .select('disabled_at')
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!user) throw memberNotFound();
    if (user.disabled_at) {
      throw new ConflictError('member_disabled', 'This member is disabled.', { next: 'Enable them first.' });
    }
    await requirePassword(trx, userId);
    await endLinks(trx, userId);
    const row = await trx
      .insertInto('password_links')
      .values({
        user_id: userId,
        token_hash: hash,
        made_by: by,
        expires_at: sql`now() + ${PASSWORD_LINK_HOURS} * interval '1 hour'`,
      })
      .returning('expires_at')
      .executeTakeFirstOrThrow();
    await audit(trx, {
      actor: by === null ? SYSTEM : { kind: 'admin', id: by },
      action: 'password_link.created',
      target: { kind: 'user', id: userId },
    });
    return row.expires_at;
  });
  return { url: `${context.settings.publicUrl}/password?token=${token}`, expiresAt };
}

/** Whose password a link sets. Throws `invalid_password_link` when it is unknown, used, replaced or too old. */
export async function findPasswordLink(
  { database }: Pick<Context, 'database'>,
  token: string,
): Promise<{ email: string }> {
  const link = await linkOfToken(database.db, token).executeTakeFirst();
  if (!link) throw invalidLink();
  return { email: link.email };
}

/**
 * Sets the password of the link's person and ends their sessions everywhere. Attempts to sign in that failed before, from
 * any place together or from `address`, no longer hinder them. Throws `invalid_password_link` or InvalidInputError. Of any
 * number of calls with one link one succeeds.
 */
export async function setPassword(
  context: Pick<Context, 'database'>,
  { token, password, address }: { token: string; password: string; /** As for signIn. */ address: string },
): Promise<{ userId: string; email: string }> {
  const { email: owner } = await findPasswordLink(context, token);
  // Slow on purpose, hence outside of the transaction.
  const passwordHash = await hashPassword(parsePassword(password, owner));
  return context.database.db.transaction().execute(async (trx) => {
    // A second call waits here until the first one has committed, and then finds nothing.
    const link = await linkOfToken(trx, token).forUpdate('password_links').executeTakeFirst();
    if (!link) throw invalidLink();
    const { user_id: userId, email } = link;
    await replacePassword(trx, { userId, email, address, passwordHash, action: 'password.set' });
    return { userId, email };
  });
}

async function requirePassword(trx: Transaction<DB>, userId: string): Promise<void> {
  if (await hasPassword(trx, userId)) return;
  throw new ConflictError('no_password', 'This member signs in without a password.', {
    next: 'They get help where their account is kept.',
  });
}

function linkOfToken(on: Queryable, token: string) {
  return on
    .selectFrom('password_links')
    .innerJoin('users', 'users.id', 'password_links.user_id')
    .where('password_links.token_hash', '=', hashToken(token))
    .where('password_links.expires_at', '>', sql<Date>`now()`)
    .where('users.disabled_at', 'is', null)
    .select(['password_links.user_id', 'users.email']);
}

function invalidLink(): NotFoundError {
  return new NotFoundError('invalid_password_link', 'This link does not work any more.', {
    next: 'Ask an admin of your team for a new one.',
  });
}
