import { publicRoute } from './_server/route.ts';
import { answerSeeOther } from './_server/answer.ts';
import { getSessions } from './_server/context.ts';

/**
 * The way in. Studio asks for this address too, only to see that somebody answers: that is no visit, and it gets its
 * answer without a page being rendered.
 */
export const GET = publicRoute(async (request) => {
  const session = await getSessions().verifySession(request.headers.get('cookie'));
  if (!session) return answerSeeOther('/sign-in');
  if (request.headers.get('sec-fetch-dest') === 'empty') return new Response('ok\n', { headers: { 'cache-control': 'no-store' } });
  return answerSeeOther('/workspace');
});
