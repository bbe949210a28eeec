import { sql, type Transaction } from 'kysely';
import type { DB } from '../db/schema.ts';
import { ConflictError } from '../errors.ts';

/** Ends the open invitations for an address. Returns their ids. The caller holds `lockAdmins`, as all who end several. */
export async function endInvitationsFor(trx: Transaction<DB>, email: string): Promise<string[]> {
  const rows = await trx
    .updateTable('invitations')
    .set({ revoked_at: sql`now()` })
    .where('email', '=', email)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Throws `already_member` when the address has an account: whoever invites has another way to let them in. */
export async function requireNoAccount(trx: Transaction<DB>, email: string): Promise<void> {
  const user = await trx.selectFrom('users').where('email', '=', email).select('disabled_at').executeTakeFirst();
  if (!user) return;
  throw user.disabled_at
    ? new ConflictError('already_member', 'This person is a member already, and disabled.', {
        next: 'Enable them instead.',
      })
    : new ConflictError('already_member', 'This person is a member already.', {
        next: 'They can sign in. If they have lost their password, make a password link for them.',
      });
}
