import type { Routes } from '../api/server.ts';
import { UnauthorizedError } from '../api/errors.ts';
import { sendJson } from '../api/http.ts';
import type { KeyCheck } from '../state/api-keys.ts';
import type { EngineStatus } from './status.ts';

/** How often a program may be told to ask again whether there is room, in seconds. */
const RETRY_SECONDS = 5;

/**
 * `GET /health` says that the engine serves, `GET /ready` whether it can start one more sandbox (else 503); both tell
 * nothing of sandboxes and need no key. `GET /metrics` needs an API key, as X-API-Key or as a bearer token.
 */
export function createHealthRoutes(parts: {
  status(): Promise<Pick<EngineStatus, 'state' | 'version' | 'reason'>>;
  metrics(): Promise<{ type: string; text: string }>;
  checkKey: KeyCheck;
}): Routes {
  return async (request, response, url) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    if (url.pathname === '/health') {
      const { state, version } = await parts.status();
      sendJson(response, 200, { status: 'ok', state, version });
    } else if (url.pathname === '/ready') {
      const { state, reason } = await parts.status();
      if (state === 'ready') sendJson(response, 200, { state });
      else sendJson(response, 503, { state, reason }, { 'retry-after': String(RETRY_SECONDS) });
    } else if (url.pathname === '/metrics') {
      const { 'x-api-key': key, authorization } = request.headers;
      const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      if (!(await parts.checkKey(typeof key === 'string' ? key : bearer))) throw new UnauthorizedError();
      const { type, text } = await parts.metrics();
      response.writeHead(200, { 'content-type': type }).end(text);
    } else return false;
    return true;
  };
}
