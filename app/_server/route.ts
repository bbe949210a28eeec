import { notAdmin } from '../../lib/auth/members.ts';
import type { Session } from '../../lib/auth/session.ts';
import type { Context } from '../../lib/context.ts';
import { ForbiddenError, UnauthorizedError } from '../../lib/errors.ts';
import { checkOrigin } from '../../lib/mastra-proxy/origin.ts';
import { answerError } from './answer.ts';
import { getContext, getSessions } from './context.ts';

type Handler<Rest extends unknown[]> = (request: Request, context: Context, ...rest: Rest) => Promise<Response>;
type MemberHandler<Rest extends unknown[]> = (
  request: Request,
  call: { context: Context; session: Session },
  ...rest: Rest
) => Promise<Response>;

/** A route that anybody may call: writes only from our own pages, errors as our JSON. */
export function publicRoute<Rest extends unknown[]>(handler: Handler<Rest>) {
  return async (request: Request, ...rest: Rest): Promise<Response> => {
    const context = getContext();
    try {
      refuseForeignOrigin(request, context);
      return await handler(request, context, ...rest);
    } catch (error) {
      return answerError(error, context.log, request.headers.get('x-request-id'));
    }
  };
}

/** A route for people who are signed in. */
export function memberRoute<Rest extends unknown[]>(handler: MemberHandler<Rest>) {
  return publicRoute<Rest>(async (request, context, ...rest) => {
    const session = await getSessions().verifySession(request.headers.get('cookie'));
    if (!session) throw new UnauthorizedError();
    return handler(request, { context, session }, ...rest);
  });
}

/** A route for admins. The role is as fresh as the session: NOTIFY drops the cached one when it changes. */
export function adminRoute<Rest extends unknown[]>(handler: MemberHandler<Rest>) {
  return memberRoute<Rest>(async (request, call, ...rest) => {
    if (call.session.role !== 'admin') throw notAdmin();
    return handler(request, call, ...rest);
  });
}

function refuseForeignOrigin(request: Request, context: Context): void {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const facts = {
    method: request.method,
    origin: header('origin'),
    fetchSite: header('sec-fetch-site'),
    fetchMode: header('sec-fetch-mode'),
    fetchDest: header('sec-fetch-dest'),
  };
  const verdict = checkOrigin(facts, context.settings.publicUrl);
  if (!verdict.ok) throw new ForbiddenError('foreign_origin', verdict.message);
}
