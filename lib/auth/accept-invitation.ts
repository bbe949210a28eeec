import { sql } from 'kysely';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import { ForbiddenError } from '../errors.ts';
import { createAccount } from './create-account.ts';
import { endInvitationsFor } from './invited-address.ts';
import { findInvitation, invalidInvitation, invitationOfToken } from './invitations.ts';
import { lockAdmins } from './members.ts';
import { hashPassword, parseAccount } from './password.ts';

export type Acceptance = {
  token: string;
  /** Needed when the invitation is for nobody in particular. */
  email?: string;
  password: string;
  name?: string;
};

/**
 * Makes the account of an invited person, and ends what other invitations are open for their address. Throws
 * `invalid_invitation`, `wrong_email`, `email_taken`, `invited_email_taken` or InvalidInputError. Of any number of calls with one link one succeeds.
 */
export async function acceptInvitation(
  context: Pick<Context, 'database'>,
  { token, ...input }: Acceptance,
): Promise<{ userId: string; email: string }> {
  const invitation = await findInvitation(context, token);
  const { email, password, name = '' } = parseAccount({ ...input, email: input.email || invitation.email });
  if (invitation.email !== null && invitation.email !== email) {
    throw new ForbiddenError('wrong_email', 'This invitation is for another e-mail address.', {
      next: 'Use the address to which the invitation was sent, or ask for one of your own.',
    });
  }
  // Slow on purpose, hence outside of the transaction.
  const passwordHash = await hashPassword(password);
  return context.database.db.transaction().execute(async (trx) => {
    // Before the invitations, as all who end several do.
    await lockAdmins(trx);
    // A second call waits until the first one has committed, and then finds nothing.
    const live = await invitationOfToken(trx, token).forUpdate().executeTakeFirst();
    if (!live) throw invalidInvitation();
    const userId = await createAccount(trx, {
      email,
      name,
      role: live.role,
      passwordHash,
      emailFixed: live.email !== null,
    });
    await trx
      .updateTable('invitations')
      .set({ accepted_at: sql`now()`, accepted_by: userId })
      .where('id', '=', live.id)
      .execute();
    await endInvitationsFor(trx, email);
    await audit(trx, {
      actor: { kind: 'user', id: userId },
      action: 'invitation.accepted',
      target: { kind: 'invitation', id: live.id },
      details: { role: live.role },
    });
    return { userId, email };
  });
}
