import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { headersFor, serverName, type Destination } from './destination.ts';
import { passHeaders } from './headers.ts';
import { brokenAnswer, isUnreachable, portClosed, type ProxyError, reply } from './replies.ts';

/** A link of the same machine either answers at once or not at all. */
const CONNECT_TIMEOUT_MS = 5000;

const EXPECT = new Set(['expect', 'e2b-traffic-access-token', 'x-api-key']);

/**
 * Streams a request to its destination and the answer back, both ways with backpressure and without buffering. When one
 * side goes away, so does the other.
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  sandbox: Sandbox,
  destination: Destination,
): void {
  const { address, port, envd, tls, host } = destination;
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  // A kept connection may have been closed by the server just now; only what may be sent twice goes over one.
  const repeatable = !hasBody && ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '');
  const mayUseKept = repeatable || envd;

  const refuse = (error: ProxyError) => {
    reply(request, response, error);
    // The rest of a body that nobody reads would keep the connection busy.
    request.unpipe();
    request.resume();
  };

  const send = (fresh: boolean) => {
    const kept = tls ? sandbox.tlsAgent : sandbox.agent;
    const upstream = (tls ? httpsRequest : httpRequest)({
      host: address,
      port,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: [
        ...headersFor(request, passHeaders(request.rawHeaders, request.headers.connection, EXPECT), destination),
        ...(fresh || !mayUseKept ? ['Connection', 'close'] : []),
        ...(hasBody && request.headers['content-length'] === undefined ? ['Transfer-Encoding', 'chunked'] : []),
      ],
      setHost: false,
      agent: fresh || !mayUseKept ? false : kept,
      ...(tls ? { rejectUnauthorized: false, servername: serverName(host ?? request.headers.host) } : {}),
    });
    let answered = false;
    upstream.on('socket', (socket) => {
      sandbox.track(socket);
      if (!socket.connecting) return;
      socket.setNoDelay(true);
      const timer = setTimeout(() => socket.destroy(timeoutError()), CONNECT_TIMEOUT_MS);
      socket.once('connect', () => clearTimeout(timer));
      socket.once('close', () => clearTimeout(timer));
    });
    // Nobody asked for another protocol. Without a listener Node would drop the connection and tell nobody.
    upstream.on('upgrade', (_answer, socket) => {
      socket.destroy();
      refuse(brokenAnswer(sandbox.id, port));
    });
    upstream.on('response', (answer) => {
      // Node reads heads that it refuses to write (status 0, control characters in the reason): what a sandbox sends
      // must not end the engine.
      try {
        response.writeHead(
          answer.statusCode ?? 502,
          answer.statusMessage,
          passHeaders(answer.rawHeaders, answer.headers.connection, new Set()),
        );
      } catch {
        upstream.destroy();
        response.statusMessage = '';
        refuse(brokenAnswer(sandbox.id, port));
        return;
      }
      answered = true;
      const { socket } = response;
      // The first byte of a stream may be a long time coming; its headers must not wait for it. But what came with
      // them goes with them.
      if (socket) answer.on('data', inOneWrite(socket));
      response.flushHeaders();
      pipeline(answer, response, (error) => {
        if (error) upstream.destroy();
      });
    });
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      if (answered || response.destroyed) {
        response.destroy();
        return;
      }
      if (!fresh && repeatable && upstream.reusedSocket && error.code === 'ECONNRESET') {
        send(true);
        return;
      }
      refuse(isUnreachable(error) ? portClosed(sandbox.id, port) : brokenAnswer(sandbox.id, port));
    });
    // It may answer without the rest of the body (a full disk). While nobody takes that, the client's connection is not
    // read from, and the next request on it would wait for ever.
    upstream.once('close', () => {
      request.unpipe(upstream);
      request.resume();
    });
    response.once('close', () => {
      // Also where the answer was complete before the request was: nobody else would ever end that one.
      if (!response.writableFinished || !request.complete) upstream.destroy();
    });
    if (hasBody) request.pipe(upstream);
    else upstream.end();
  };
  send(false);
}

/**
 * Holds up what is written to `socket` until this turn of the event loop is over: what came together (the head, the last
 * chunk and the end of an answer) goes on together, and wakes who waits for it once.
 * @returns does the same for later turns
 */
function inOneWrite(socket: Socket): () => void {
  let holds = false;
  const hold = () => {
    if (holds) return;
    holds = true;
    socket.cork();
    setImmediate(() => {
      holds = false;
      socket.uncork();
    });
  };
  hold();
  return hold;
}

function timeoutError(): NodeJS.ErrnoException {
  return Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' });
}
