import { after } from 'next/server';
import { MODEL_OFFER_PATH } from '../../../../lib/gateway/model-offer.ts';
import { requestIdOf } from '../../../../lib/gateway/request-id.ts';
import { answerOffer, getGateway, restOfCall } from '../../../_server/gateway.ts';
import { clientAddress } from '../../../_server/client-address.ts';

/** Model calls where there is no front. Callers are programs with a virtual key, so no origin and no session is asked for. */
export const dynamic = 'force-dynamic';
/** Seconds that a call may take; the most that the platform gives. */
export const maxDuration = 800;

function handle(request: Request): Promise<Response> {
  if (new URL(request.url).pathname === MODEL_OFFER_PATH) return answerOffer(request, clientAddress(request));
  const rest = restOfCall();
  // Before anything is awaited: a caller that goes at once must not end the request without it.
  after(rest.finish);
  const answer = getGateway()(request, {
    signal: request.signal,
    requestId: requestIdOf(request.headers.get('x-request-id')),
    address: clientAddress(request),
    waitUntil: rest.waitUntil,
  });
  rest.waitUntil(answer);
  return answer;
}

export { handle as GET, handle as POST };
