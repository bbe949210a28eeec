import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Proxy } from '../proxy/proxy.ts';
import type { KeyCheck } from '../state/api-keys.ts';
import { BadRequestError, EngineError, NotFoundError, UnauthorizedError } from './errors.ts';
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

/** Slow clients hold a connection no longer than this before they have asked for anything. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long a client may take to send the head of a request. */
const HEADERS_TIMEOUT_MS = 20_000;
/** Below what a process may have open: with no descriptor left the engine could start no sandbox either. */
const MAX_CONNECTIONS = 8000;
const OPTIONS = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: 0,
  noDelay: true,
} as const;

/** The one HTTP server: sandboxes' ports and envd by header or Host, everything else is the API. */
export function createServer(parts: ServerParts): HttpServer {
  return serve(createHttpServer(OPTIONS), parts);
}

/** The same with TLS. @param certificate in PEM, which `setSecureContext` of the server replaces later */
export function createTlsServer(parts: ServerParts, certificate: { cert: string; key: string }): HttpsServer {
  return serve(createHttpsServer({ ...OPTIONS, ...certificate, handshakeTimeout: HANDSHAKE_TIMEOUT_MS }), parts);
}

function serve<S extends HttpServer | HttpsServer>(server: S, parts: ServerParts): S {
  const { proxy, log } = parts;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await proxy.handle(request, response)) return;
    if (!URL.canParse(request.url ?? '/', 'http://engine')) throw new BadRequestError('the path is not a URL');
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

  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
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
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    proxy.upgrade(request, socket as Socket, head).catch((error: unknown) => {
      log.error({ err: error }, 'upgrade failed');
      socket.destroy();
    });
  });
  return server;
}
