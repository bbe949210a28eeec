import { revokeInvitation } from '../../../../../lib/auth/invitations.ts';
import { answerJson } from '../../../../_server/answer.ts';
import { readId, type WithId } from '../../../../_server/id.ts';
import { adminRoute } from '../../../../_server/route.ts';

/** Revokes an invitation: its link stops working at once. */
export const DELETE = adminRoute<[WithId]>(async (_request, { context, session }, address) => {
  await revokeInvitation(context, { id: await readId(address), by: session.userId });
  return answerJson({ done: true });
});
