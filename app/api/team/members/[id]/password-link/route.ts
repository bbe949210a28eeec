import { createPasswordLink } from '../../../../../../lib/auth/password-links.ts';
import { answerJson } from '../../../../../_server/answer.ts';
import { readId, type WithId } from '../../../../../_server/id.ts';
import { adminRoute } from '../../../../../_server/route.ts';

/** Makes a link with which a member sets a new password. The answer is the only place where it is ever told. */
export const POST = adminRoute<[WithId]>(async (_request, { context, session }, address) => {
  const userId = await readId(address);
  const { url, expiresAt } = await createPasswordLink(context, { userId, by: session.userId });
  return answerJson({ url, expiresAt: expiresAt.toISOString() }, { status: 201 });
});
