import { NotFoundError } from '../../lib/errors.ts';
import { MODEL_OFFER_PATH } from '../../lib/gateway/model-offer.ts';
import { GATEWAY_MOUNT } from '../../lib/gateway/routes.ts';
import { pathBelow } from '../../lib/mastra-proxy/request-path.ts';
import type { Route } from './router.ts';
import { sendJson } from './respond.ts';

export type ControlRoutes = {
  gateway: Route;
  /** `GET /api/gateway/shmastra/models` */
  models: Route;
  /** `POST /api/sandbox/heal` */
  heal: Route;
};

/** What sandboxes may reach: the gateway and their own reports, nothing else. */
export function createControlRouter(routes: ControlRoutes): Route {
  return (facts, req, res) => {
    if (facts.path === MODEL_OFFER_PATH) return routes.models(facts, req, res);
    if (pathBelow(facts.path, GATEWAY_MOUNT) !== null) return routes.gateway(facts, req, res);
    if (facts.path === '/api/sandbox/heal') return routes.heal(facts, req, res);
    if (facts.path === '/health') return sendJson(res, 200, { status: 'ok' });
    throw new NotFoundError('not_found', 'There is nothing at this address.');
  };
}
