import type { Context } from '../context.ts';
import { hashToken } from './tokens.ts';

/** Why an invitation cannot be used. `unknown`: there never was one, or the link was cut off. */
export type InvitationEnd = 'used' | 'revoked' | 'expired' | 'unknown';

/** For a link that `findInvitation` refuses: what has become of it, so that the person knows what to ask for. */
export async function invitationEnd({ database }: Pick<Context, 'database'>, token: string): Promise<InvitationEnd> {
  const row = await database.db
    .selectFrom('invitations')
    .where('token_hash', '=', hashToken(token))
    .select(['accepted_at', 'revoked_at'])
    .executeTakeFirst();
  if (!row) return 'unknown';
  if (row.accepted_at) return 'used';
  return row.revoked_at ? 'revoked' : 'expired';
}
