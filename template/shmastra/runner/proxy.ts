import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppProcess } from './app-process.ts';
import { sendError } from './answers.ts';
import type { Gate } from './gate.ts';
import type { Health } from './health.ts';

/** How long a request may wait for an app process that is being replaced. */
const HOLD_MS = 3000;

/** Headers that concern one connection only, and the token, which the project's code has no use for. */
const DROPPED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'authorization',
]);

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

type Forward = { gate: Gate; health: Health };

/** Forwards a request to the app process, byte for byte and no faster than either side reads. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { gate, health }: Forward,
): Promise<void> {
  let deadline = performance.now() + HOLD_MS;
  // Only what was certainly not begun is tried for as long as a request may wait, and what may be done twice once more.
  for (let begun = false; ;) {
    const app = await gate.pass(Math.max(0, deadline - performance.now()));
    if (response.destroyed) return;
    if (app === undefined) return refuse(response, health);
    const end = app.begin();
    const failure = await attempt(request, response, app).finally(end);
    if (failure === undefined || response.destroyed) return;
    if (failure === 'sent' && (begun || !isRepeatable(request))) {
      return sendError(response, 502, 'app_stopped', 'The app stopped while it answered this request.');
    }
    if (failure === 'sent') {
      // It has waited for a process that is gone only now: from here on it waits for the next one.
      begun = true;
      deadline = performance.now() + HOLD_MS;
    } else if (performance.now() > deadline) {
      return refuse(response, health);
    }
    await Promise.race([app.exited, pause()]);
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Undefined when the request was answered; else how far it came. Body bytes are read only once the app is connected. */
function attempt(
  request: IncomingMessage,
  response: ServerResponse,
  app: AppProcess,
): Promise<'not-sent' | 'sent' | undefined> {
  return new Promise((resolve) => {
    let connected = false;
    const upstream = httpRequest({
      socketPath: app.socketPath,
      agent: app.agent,
      method: request.method,
      path: request.url,
      headers: forwardedHeaders(request.headers, request),
    });
    upstream.on('socket', (socket) => {
      if (!socket.connecting) connected = true;
      else socket.once('connect', () => (connected = true));
    });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutDropped(answer.rawHeaders));
      response.flushHeaders();
      answer.pipe(response);
      answer.on('error', () => response.destroy());
      answer.on('aborted', () => response.destroy());
      response.once('finish', () => resolve(undefined));
    });
    upstream.on('error', () => {
      request.unpipe(upstream);
      if (response.headersSent) response.destroy();
      resolve(response.headersSent ? undefined : connected ? 'sent' : 'not-sent');
    });
    // The client went away: so does the request.
    response.once('close', () => {
      if (!response.writableFinished) upstream.destroy();
      resolve(undefined);
    });
    if (!hasBody(request)) upstream.end();
    else upstream.once('socket', (socket) => whenConnected(socket, () => request.pipe(upstream)));
  });
}

function whenConnected(socket: Duplex & { connecting: boolean }, then: () => void): void {
  if (socket.connecting) socket.once('connect', then);
  else then();
}

/** Forwards a WebSocket or another upgrade: two connections joined after the head of the request. */
export async function forwardUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  gate: Gate,
): Promise<void> {
  const app = await gate.pass(HOLD_MS);
  if (app === undefined) {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  socket.once('close', app.begin());
  const { authorization: _token, ...headers } = request.headers;
  const upstream = httpRequest({ socketPath: app.socketPath, method: request.method, path: request.url, headers });
  socket.on('error', () => upstream.destroy());
  socket.on('close', () => upstream.destroy());
  upstream.on('error', () => socket.destroy());
  upstream.on('response', (answer) => {
    socket.write(headText(answer));
    answer.pipe(socket);
  });
  upstream.on('upgrade', (answer, upstreamSocket, upstreamHead) => {
    upstreamSocket.on('error', () => socket.destroy());
    upstreamSocket.on('close', () => socket.destroy());
    socket.on('close', () => upstreamSocket.destroy());
    socket.write(headText(answer));
    if (upstreamHead.length > 0) socket.write(upstreamHead);
    if (head.length > 0) upstreamSocket.write(head);
    upstreamSocket.pipe(socket).pipe(upstreamSocket);
  });
  upstream.end();
}

function headText({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let text = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    text += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`;
  return `${text}\r\n`;
}

function forwardedHeaders(headers: IncomingHttpHeaders, request: IncomingMessage): IncomingHttpHeaders {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !DROPPED.has(name)));
  // Without a length the body goes on as chunks, as it came.
  if (hasBody(request) && kept['content-length'] === undefined) kept['transfer-encoding'] = 'chunked';
  return kept;
}

function withoutDropped(rawHeaders: string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!DROPPED.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}

/** Whether a request may be made twice: it changes nothing, and all of it is still there. */
function isRepeatable(request: IncomingMessage): boolean {
  return REPEATABLE.has(request.method ?? '') && !hasBody(request);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refuse(response: ServerResponse, health: Health): void {
  const { state, error } = health.report;
  if (state !== 'failed') return sendError(response, 503, 'app_starting', 'The app is starting.', 1);
  const place = error?.file === undefined ? '' : ` (${error.file}:${error.line})`;
  sendError(response, 503, 'app_failed', `The app cannot start: ${error?.message ?? 'unknown error'}${place}`, 5);
}
