import { answerJson, answerSeeOther } from '../../../_server/answer.ts';
import { getAuth } from '../../../_server/context.ts';
import { publicRoute } from '../../../_server/route.ts';

/** Ends the session everywhere. Fine to call twice, or without a session. */
export const POST = publicRoute(async (request) => {
  const { cookies } = await getAuth().signOut(request.headers.get('cookie'));
  const plainForm = request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded');
  return plainForm ? answerSeeOther('/sign-in', cookies) : answerJson({ next: '/sign-in' }, { cookies });
});
