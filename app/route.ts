import { answerSeeOther } from './_server/answer.ts';
import { getAuth, getSessions } from './_server/context.ts';
import { publicRoute } from './_server/route.ts';

/**
 * The way in. It also lengthens the session of a person who keeps coming back: Studio asks for this address at each
 * load, only to see that somebody answers, and gets its answer without a page being rendered.
 */
export const GET = publicRoute(async (request) => {
  const cookieHeader = request.headers.get('cookie');
  const session = await getSessions().verifySession(cookieHeader);
  if (!session) return answerSeeOther('/sign-in');
  const { cookies } = await getAuth().refresh(cookieHeader);
  if (request.headers.get('sec-fetch-dest') !== 'empty') return answerSeeOther('/workspace', cookies);
  const headers = new Headers({ 'content-type': 'text/plain', 'cache-control': 'no-store' });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response('ok\n', { headers });
});
