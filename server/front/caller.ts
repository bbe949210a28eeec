import type { IncomingMessage } from 'node:http';
import { isDatabaseUnavailable } from '../../lib/db/database.ts';
import { UnavailableError } from '../../lib/errors.ts';
import type { Caller } from '../../lib/mastra-proxy/decide.ts';
import type { FrontServices } from './services.ts';

/** Who sends this request. Throws UnavailableError when that cannot be told because the database does not answer. */
export async function identifyCaller(
  services: Pick<FrontServices, 'verifySession'>,
  req: Pick<IncomingMessage, 'headers'>,
): Promise<Caller> {
  const cookie = req.headers.cookie;
  if (cookie === undefined) return { state: 'anonymous' };
  const session = await orUnavailable(services.verifySession(cookie));
  return session === null ? { state: 'anonymous' } : { state: 'member', userId: session.userId };
}

/** Whether the cookie still proves to be this user, for what lasts longer than a request. */
export async function isStill(
  services: Pick<FrontServices, 'verifySession'>,
  cookie: string | undefined,
  userId: string,
): Promise<boolean> {
  return (await services.verifySession(cookie))?.userId === userId;
}

/** The same promise, with a failure of the database turned into one clear error. */
export async function orUnavailable<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (cause) {
    if (!isDatabaseUnavailable(cause)) throw cause;
    throw new UnavailableError('database_unavailable', 'The database does not answer at the moment.', {
      next: 'Try again in a moment.',
      cause,
    });
  }
}
