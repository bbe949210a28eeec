import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { errorStatus } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { requestId } from './request-id.ts';
import { sendError } from './respond.ts';
import { readPath, type Route } from './router.ts';

export type ListenerOptions = {
  name: string;
  log: Log;
  route: Route;
  upgrade?: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/** A server with bounds on what a client may send and how slowly, request ids, and one line of log for what failed. */
export function createListener({ name, log, route, upgrade }: ListenerOptions): Server {
  const server = createServer({
    // Time for the headers, and for a whole request with its body. Answers have no limit. Milliseconds.
    headersTimeout: 15_000,
    requestTimeout: 15 * 60_000,
    // Longer than the 60 s after which common reverse proxies reuse a connection no more.
    keepAliveTimeout: 75_000,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: 32 * 1024,
    noDelay: true,
  });
  server.maxHeadersCount = 100;
  server.maxConnections = 10_000;
  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    void answer(req, res);
  });
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const started = performance.now();
    const id = requestId(req.headers['x-request-id']);
    res.setHeader('x-request-id', id);
    // A write to a connection that is gone ends the response, never the process.
    res.on('error', () => res.destroy());
    const parsed = readPath(req, res);
    if (!parsed) return;
    // The path alone: a query may carry keys.
    const line = { listener: name, requestId: id, method: req.method, path: parsed.path };
    try {
      await route({ requestId: id, path: parsed.path, query: parsed.query }, req, res);
      log.debug({ ...line, status: res.statusCode, ms: Math.round(performance.now() - started) }, 'request');
    } catch (error) {
      const status = errorStatus(error);
      if (status >= 500) log.error({ ...line, status, err: error }, 'request failed');
      else log.info({ ...line, status, reason: error instanceof Error ? error.message : '' }, 'request refused');
      if (res.headersSent) res.destroy();
      else sendError(res, error, status === 413 ? { connection: 'close' } : {});
    }
  };
  server.on('upgrade', (req, socket, head) => {
    if (upgrade) upgrade(req, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

/** Addresses that are not there yet, or not free yet, are waited for. */
const TRANSIENT = new Set(['EADDRNOTAVAIL', 'EADDRINUSE']);

/**
 * Binds, with back-off while the address does not exist yet: the engine makes the address of the control listener.
 * @param patienceMs how long to go on trying; then the last error is thrown
 */
export async function bind(
  server: Server,
  address: { host: string; port: number },
  options: { patienceMs: number; log: Log; signal?: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + options.patienceMs;
  for (let wait = 50; ; wait = Math.min(wait * 2, 2000)) {
    try {
      await listenOnce(server, address);
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!TRANSIENT.has(code) || performance.now() + wait > deadline) throw error;
      options.log.info({ ...address, code, wait }, 'the address is not there yet');
      await delay(wait, undefined, { signal: options.signal });
    }
  }
}

function listenOnce(server: Server, address: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error);
    server.once('error', failed);
    server.listen({ host: address.host, port: address.port, backlog: 1024 }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

/** Lets running requests end for `graceMs`, then cuts what is left (streams have no end of their own). */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
