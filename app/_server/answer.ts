import { AppError, errorBody, errorStatus } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';

const noStore = { 'cache-control': 'no-store' };

export function answerJson(value: unknown, init: { status?: number; cookies?: readonly string[] } = {}): Response {
  const headers = new Headers(noStore);
  for (const cookie of init.cookies ?? []) headers.append('set-cookie', cookie);
  return Response.json(value, { status: init.status ?? 200, headers });
}

/** After a form post: the browser goes on with a GET. `path` is one of our own, see safeReturnTo. */
export function answerSeeOther(path: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ ...noStore, location: path });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status: 303, headers });
}

/** An error as JSON, with Retry-After where waiting helps. What is no AppError is a bug and goes to the log. */
export function answerError(error: unknown, log: Log, requestId: string | null): Response {
  if (!(error instanceof AppError)) log.error({ err: error, requestId }, 'request failed');
  const headers = new Headers(noStore);
  if (error instanceof AppError && error.retryAfterSeconds !== undefined) {
    headers.set('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  }
  return Response.json(errorBody(error), { status: errorStatus(error), headers });
}
