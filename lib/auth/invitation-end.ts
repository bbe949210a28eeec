import type { Context } from '../context.ts';
import { hashToken } from './tokens.ts';

/**
 * Why an invitation cannot be used. `joined`: its address has got an account in another way; `unknown`: there never was
 * one, or the link was cut off.
 */
export type InvitationEnd = 'used' | 'joined' | 'revoked' | 'expired' | 'unknown';

/** For a link that `findInvitation` refuses: what has become of it, so that the person knows what to ask for. */
export async function invitationEnd({ database }: Pick<Context, 'database'>, token: string): Promise<InvitationEnd> {
  const row = await database.db
    .selectFrom('invitations')
    .where('token_hash', '=', hashToken(token))
    .select((eb) => [
      'accepted_at',
      'revoked_at',
      eb
        .exists(eb.selectFrom('users').whereRef('users.email', '=', 'invitations.email').select('users.id'))
        .as('joined'),
    ])
    .executeTakeFirst();
  if (!row) return 'unknown';
  if (row.accepted_at) return 'used';
  if (row.joined) return 'joined';
  return row.revoked_at ? 'revoked' : 'expired';
}
