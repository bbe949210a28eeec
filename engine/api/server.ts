import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Proxy } from '../proxy/proxy.ts';
import type { KeyCheck } from '../state/api-keys.ts';
import { EngineError, NotFoundError, UnauthorizedError } from './errors.ts';
import { sendError } from './http.ts';

/** Answers a path of its own, or resolves to false. */
export type Routes = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;

export type ServerParts = {
  proxy: Proxy;
  /** Called in this order once the API key was checked. */
  routes: Routes[];
  /** Paths that carry a token of their own instead of an API key. */
  publicRoutes: Routes[];
  checkKey: KeyCheck;
  log: Logger;
};

/** Proxies in front keep idle connections for up to a minute; ours must not be the side that closes first. */
const KEEP_ALIVE_MS = 65_000;

/** The one HTTP server: sandboxes' ports and envd by header or Host, everything else is the API. */
export function createServer(parts: ServerParts): Server {
  const { proxy, log } = parts;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await proxy.handle(request, response)) return;
    const url = new URL(request.url ?? '/', 'http://engine');
    for (const routes of parts.publicRoutes) {
      if (await routes(request, response, url)) return;
    }
    const key = request.headers['x-api-key'];
    if (!(await parts.checkKey(typeof key === 'string' ? key : undefined))) throw new UnauthorizedError();
    for (const routes of parts.routes) {
      if (await routes(request, response, url)) return;
    }
    throw new NotFoundError(`no such call: ${request.method} ${url.pathname}`);
  }

  const server = createHttpServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, noDelay: true },
    (request, response) => {
      const started = performance.now();
      response.on('error', () => {});
      handle(request, response).catch((error: unknown) => {
        const expected = error instanceof EngineError && error.code < 500;
        const call = {
          method: request.method,
          path: request.url?.split('?')[0],
          ms: Math.round(performance.now() - started),
        };
        if (expected) log.debug({ ...call, code: error.code, reason: error.message }, 'call refused');
        else log.error({ ...call, err: error }, 'call failed');
        sendError(response, error);
      });
    },
  );
  server.on('upgrade', (request, socket, head) => {
    proxy.upgrade(request, socket as Socket, head).catch((error: unknown) => {
      log.error({ err: error }, 'upgrade failed');
      socket.destroy();
    });
  });
  return server;
}
