import { after } from 'next/server';
import { getChecks, restOfCall } from '../../../../_server/gateway.ts';

/** Largest body of a check. Characters. */
const BODY_LIMIT = 64 * 1024;

/** Keys and limits for a gateway that runs as a function elsewhere. Closed unless a secret is set for it. */
export async function POST(request: Request): Promise<Response> {
  const checks = getChecks();
  if (checks === null)
    return Response.json(
      { error: { code: 'not_found', message: 'There is nothing at this address.' } },
      { status: 404 },
    );
  if (Number(request.headers.get('content-length') ?? Infinity) > BODY_LIMIT) {
    return Response.json({ error: { code: 'body_too_large', message: 'The body is too large.' } }, { status: 413 });
  }
  const { pathname } = new URL(request.url);
  const text = await request.text();
  const rest = restOfCall();
  after(rest.finish);
  const answer = checks(pathname, request.headers.get('authorization') ?? undefined, text);
  rest.waitUntil(answer);
  const { status, body } = await answer;
  return Response.json(body, { status });
}
