import { sql } from 'kysely';
import { type Actor, audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../db/database.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { endInvitationsFor, requireNoAccount } from './invited-address.ts';
import { lockAdmins, notAdmin } from './members.ts';
import { accountSchema } from './password.ts';
import { hashToken, newToken } from './tokens.ts';

export const INVITATION_DAYS = 7;
const MAX_LISTED = 200;

export type Role = 'member' | 'admin';
export type Invitation = {
  id: string;
  email: string | null;
  role: Role;
  expiresAt: Date;
  createdAt: Date;
  invitedBy: string;
};
export type NewInvitation = {
  /** Only for this address. Without it anybody who has the link may use it, once. */
  email?: string | null;
  role: Role;
  /** Id of the admin. */
  by: string;
};

/**
 * Makes an invitation. It replaces the open ones for the same address, and says how many. The URL is returned once and
 * stored nowhere. Throws `not_admin`, `already_member` or InvalidInputError.
 */
export async function createInvitation(
  context: Pick<Context, 'database' | 'settings' | 'randomBytes'>,
  { email, role, by }: NewInvitation,
): Promise<{ id: string; url: string; expiresAt: Date; replaced: number }> {
  const address = email ? parseEmail(email) : null;
  const { token, hash } = newToken(context);
  const made = await context.database.db.transaction().execute(async (trx) => {
    // Two admins who invite one person come one after the other, and so does the person who accepts meanwhile.
    const admins = await lockAdmins(trx);
    if (!admins.includes(by)) throw notAdmin();
    const replaced = address === null ? [] : await endInvitationsFor(trx, address);
    if (address !== null) await requireNoAccount(trx, address);
    const row = await trx
      .insertInto('invitations')
      .values({
        token_hash: hash,
        email: address,
        role,
        invited_by: by,
        expires_at: sql`now() + ${INVITATION_DAYS} * interval '1 day'`,
      })
      .returning(['id', 'expires_at'])
      .executeTakeFirstOrThrow();
    const details = { role, email: address, replaced };
    await audit(trx, {
      actor: admin(by),
      action: 'invitation.created',
      target: { kind: 'invitation', id: row.id },
      details,
    });
    return { id: row.id, expiresAt: row.expires_at, replaced: replaced.length };
  });
  return { ...made, url: `${context.settings.publicUrl}/invite?token=${token}` };
}

/** The invitations that can still be used, newest first. */
export async function listInvitations({ database }: Pick<Context, 'database'>): Promise<Invitation[]> {
  const rows = await liveInvitations(database.db)
    .innerJoin('users', 'users.id', 'invitations.invited_by')
    .select([
      'invitations.id',
      'invitations.email',
      'invitations.role',
      'invitations.expires_at',
      'invitations.created_at',
      'users.email as inviter',
    ])
    .orderBy('invitations.created_at', 'desc')
    .limit(MAX_LISTED)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    role: row.role,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    invitedBy: row.inviter,
  }));
}

/** Ends an invitation. Throws `invitation_not_found` when it cannot be used anyway. */
export async function revokeInvitation(
  { database }: Pick<Context, 'database'>,
  { id, by }: { id: string; by: string },
): Promise<void> {
  await database.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('invitations')
      .set({ revoked_at: sql`now()` })
      .where('id', '=', id)
      .where('accepted_at', 'is', null)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (!numUpdatedRows) {
      throw new NotFoundError('invitation_not_found', 'This invitation is not open any more.', {
        next: 'It has already been used or revoked.',
      });
    }
    await audit(trx, { actor: admin(by), action: 'invitation.revoked', target: { kind: 'invitation', id } });
  });
}

/** What the invitation page shows. Throws `invalid_invitation` when the link is unknown, used, revoked or too old. */
export async function findInvitation(
  { database }: Pick<Context, 'database'>,
  token: string,
): Promise<Pick<Invitation, 'email' | 'role' | 'expiresAt'>> {
  const row = await invitationOfToken(database.db, token).executeTakeFirst();
  if (!row) throw invalidInvitation();
  return { email: row.email, role: row.role, expiresAt: row.expires_at };
}

export function invitationOfToken(on: Queryable, token: string) {
  return liveInvitations(on)
    .where('token_hash', '=', hashToken(token))
    .select(['invitations.id', 'invitations.email', 'invitations.role', 'invitations.expires_at']);
}

export function invalidInvitation(): NotFoundError {
  return new NotFoundError('invalid_invitation', 'This invitation is not valid any more.', {
    next: 'Ask an admin of your team for a new one.',
  });
}

function liveInvitations(on: Queryable) {
  return on
    .selectFrom('invitations')
    .where('invitations.accepted_at', 'is', null)
    .where('invitations.revoked_at', 'is', null)
    .where('invitations.expires_at', '>', sql<Date>`now()`);
}

function parseEmail(email: string): string {
  const parsed = accountSchema.shape.email.safeParse(email);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError('invalid_email', parsed.error.issues[0]?.message ?? 'Enter an e-mail address.');
}

function admin(id: string): Actor {
  return { kind: 'admin', id };
}
