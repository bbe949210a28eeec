import type { GatewayOptions } from '../../lib/gateway/core.ts';
import type { ModelOffer } from '../../lib/gateway/model-offer.ts';
import { answerModelOffer } from '../../lib/gateway/model-offer-answer.ts';
import type { Route } from './router.ts';

/** `GET /api/gateway/shmastra/models`: which models the coding agent of a sandbox may use. */
export function createModelOfferRoute(offer: ModelOffer, resolveKey: GatewayOptions['resolveKey']): Route {
  return async (_facts, req, res) => {
    const { method = 'GET', headers } = req;
    const address = req.socket.remoteAddress ?? null;
    const reply = await answerModelOffer({ method, headers, address }, offer, resolveKey);
    if (res.destroyed) return;
    res.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
    res.end(reply.body);
  };
}
