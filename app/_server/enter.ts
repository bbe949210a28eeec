import type { Context } from '../../lib/context.ts';
import { ForbiddenError } from '../../lib/errors.ts';
import { forgetAttempts } from '../../lib/auth/sign-in-limits.ts';
import { clientAddress } from './client-address.ts';
import { startSession } from './start-session.ts';

type Credentials = { email: string; password: string };
type Entered = { cookies: string[]; next: string };

/**
 * Signs in whoever has just used up a link. There is nothing left to try on its page: should it not work, the sign-in page
 * goes on, and says by `notice` what was done. Throws ForbiddenError for a request from elsewhere.
 */
export async function enter(
  request: Request,
  context: Context,
  credentials: Credentials,
  notice: 'account_made' | 'password_set',
): Promise<Entered> {
  try {
    return { cookies: await startSession(request, context, credentials), next: '/workspace' };
  } catch (error) {
    if (error instanceof ForbiddenError) throw error;
    context.log.warn({ err: error, notice }, 'nobody was signed in after using a link');
    return { cookies: [], next: `/sign-in?${new URLSearchParams({ email: credentials.email, notice })}` };
  }
}

/** The same for an account that was made this moment: what was tried for its address before had nothing to do with it. */
export async function enterNewAccount(request: Request, context: Context, credentials: Credentials): Promise<Entered> {
  await forgetAttempts(context.database.db, credentials.email, clientAddress(request)).catch((error: unknown) =>
    context.log.warn({ err: error }, 'attempts to sign in were not forgotten'),
  );
  return enter(request, context, credentials, 'account_made');
}
