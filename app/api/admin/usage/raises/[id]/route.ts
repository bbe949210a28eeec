import { revokeRaise } from '../../../../../../lib/usage/manage/budgets.ts';
import { answerJson } from '../../../../../_server/answer.ts';
import { readId, type WithId } from '../../../../../_server/id.ts';
import { adminRoute } from '../../../../../_server/route.ts';
import { adminOf } from '../../admin.ts';

/** Ends a raise before its time. */
export const DELETE = adminRoute<[WithId]>(async (request, { context, session }, address) => {
  await revokeRaise(context, await readId(address), adminOf(request, session));
  return answerJson({ done: true });
});
