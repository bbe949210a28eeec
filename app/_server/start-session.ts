import type { Context } from '../../lib/context.ts';
import { ensureSandbox } from '../../lib/sandbox/ensure.ts';
import { clientAddress } from './client-address.ts';
import { getAuth, getSessions } from './context.ts';

type Credentials = { email: string; password: string };

/**
 * Makes a session, and queues the set-up of the person's workspace at once: it is under way before the browser asks for
 * the next page. Returns the `Set-Cookie` headers. Throws what signIn throws.
 */
export async function startSession(request: Request, context: Context, credentials: Credentials): Promise<string[]> {
  const { cookies } = await getAuth().signIn({
    ...credentials,
    address: clientAddress(request),
    userAgent: request.headers.get('user-agent') ?? undefined,
  });
  try {
    const cookieHeader = cookies.map((cookie) => cookie.slice(0, cookie.indexOf(';'))).join('; ');
    const session = await getSessions().verifySession(cookieHeader);
    if (session) await ensureSandbox(context, session.userId);
  } catch (error) {
    // The workspace page does it then.
    context.log.warn({ err: error }, 'a workspace could not be queued at sign-in');
  }
  return cookies;
}
