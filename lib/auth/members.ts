import { sql, type Transaction } from 'kysely';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { DB } from '../db/schema.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../errors.ts';
import type { Role } from './invitations.ts';

export type Member = {
  id: string;
  email: string;
  name: string;
  role: Role;
  disabledAt: Date | null;
  createdAt: Date;
};

const MAX_LISTED = 1_000;

/** Everybody who has or had an account, by e-mail. */
export async function listMembers({ database }: Pick<Context, 'database'>): Promise<Member[]> {
  const rows = await database.db.selectFrom('users').selectAll().orderBy('email').limit(MAX_LISTED).execute();
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
  }));
}

export type MemberChange = { userId: string; /** Id of the admin. */ by: string };

/**
 * Shuts a member out: sessions end everywhere within a second, their virtual keys stop working, invitations and
 * password links that they made end. Their sandbox and work stay. Throws `member_not_found`, `own_account` or `last_admin`.
 */
export async function disableMember(
  { database }: Pick<Context, 'database'>,
  { userId, by }: MemberChange,
): Promise<void> {
  if (userId === by) {
    throw new ConflictError('own_account', 'You cannot disable your own account.', { next: 'Ask another admin.' });
  }
  await database.db.transaction().execute(async (trx) => {
    await keepAnAdmin(trx, userId);
    const { numUpdatedRows } = await trx
      .updateTable('users')
      .set({ disabled_at: sql`coalesce(disabled_at, now())` })
      .where('id', '=', userId)
      .executeTakeFirst();
    if (!numUpdatedRows) throw memberNotFound();
    // Links before sessions, in the order of who sets a password.
    await trx.deleteFrom('password_links').where('user_id', '=', userId).execute();
    await endAdminsLinks(trx, userId);
    await trx.deleteFrom('identity.session').where('userId', '=', userId).execute();
    await audit(trx, {
      actor: { kind: 'admin', id: by },
      action: 'member.disabled',
      target: { kind: 'user', id: userId },
    });
  });
}

/** Lets a disabled member in again. They sign in anew. Throws `member_not_found`. */
export async function enableMember(
  { database }: Pick<Context, 'database'>,
  { userId, by }: MemberChange,
): Promise<void> {
  await database.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('users')
      .set({ disabled_at: null })
      .where('id', '=', userId)
      .executeTakeFirst();
    if (!numUpdatedRows) throw memberNotFound();
    await audit(trx, {
      actor: { kind: 'admin', id: by },
      action: 'member.enabled',
      target: { kind: 'user', id: userId },
    });
  });
}

/** Two admins who disable or demote each other at once: the second waits for the first and is refused. */
export async function keepAnAdmin(trx: Transaction<DB>, without: string): Promise<void> {
  const admins = await lockAdmins(trx);
  if (admins.some((id) => id !== without)) return;
  throw new ConflictError('last_admin', 'The last admin has to stay one.', {
    next: 'Make somebody else an admin first.',
  });
}

/** Ids of the admins who are not disabled. Their rights stay as they are until the transaction ends. */
export async function lockAdmins(trx: Transaction<DB>): Promise<string[]> {
  const rows = await trx
    .selectFrom('users')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .select('id')
    .orderBy('id')
    // A stronger lock would wait for everything that points at them, and that for the sessions that end.
    .forNoKeyUpdate()
    .execute();
  return rows.map(({ id }) => id);
}

/** What lets others in on an admin's word ends with the right to give it. */
export async function endAdminsLinks(trx: Transaction<DB>, adminId: string): Promise<void> {
  await trx.deleteFrom('password_links').where('made_by', '=', adminId).execute();
  await trx
    .updateTable('invitations')
    .set({ revoked_at: sql`now()` })
    .where('invited_by', '=', adminId)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .execute();
}

export function notAdmin(): ForbiddenError {
  return new ForbiddenError('not_admin', 'Only admins may do this.', { next: 'Ask an admin of your team.' });
}

export function memberNotFound(): NotFoundError {
  return new NotFoundError('member_not_found', 'There is no such member.');
}
