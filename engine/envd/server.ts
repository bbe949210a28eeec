import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { filesystemRpcs } from './filesystem/filesystem-service.ts';
import { compose } from './files/compose.ts';
import { download } from './files/download.ts';
import { upload } from './files/upload.ts';
import { authorize } from './http/auth.ts';
import { dropRest, readBody } from './http/body.ts';
import { EnvdError, HttpError, toEnvdError } from './http/errors.ts';
import { parseJson } from './http/frames.ts';
import { type Rpcs, sendJson } from './http/rpc.ts';
import { applyInit } from './init.ts';
import { MetricsReader } from './metrics.ts';
import { processRpcs } from './process/process-service.ts';
import type { Context } from './state.ts';

/** Longer than the engine's proxy keeps idle connections, so that it is never the one to find them closed. */
const KEEP_ALIVE_MS = 600_000;
const MAX_CONNECTIONS = 1000;
/** Of those, how many programs of the sandbox may hold: they must not keep the engine out. */
const MAX_OWN_CONNECTIONS = 100;
/** Longest that the rest of a refused upload is read, in ms. */
const DRAIN_MS = 30_000;

/** The HTTP server of envd: E2B's RPCs, /files, /health and /init. Not listening yet. */
export function createEnvd(context: Context): Server {
  const services = new Map<string, Rpcs>([
    ['process.Process', processRpcs(context)],
    ['filesystem.Filesystem', filesystemRpcs(context)],
  ]);
  const metrics = new MetricsReader(context.now);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => {
    // A client that goes away is no error; a response must have a listener for it.
    response.on('error', () => {});
    handle(context, services, metrics, request, response).catch((error: unknown) => {
      if (!isExpected(error)) console.error(error);
      fail(request, response, error);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  limitOwnConnections(server);
  return server;
}

/** The engine's connections come from its own address, whatever they were sent to. */
function limitOwnConnections(server: Server): void {
  let open = 0;
  server.on('connection', (socket) => {
    const { remoteAddress = '', localAddress } = socket;
    if (remoteAddress !== localAddress && !/^(::ffff:)?127\.|^::1$/.test(remoteAddress)) return;
    if (open >= MAX_OWN_CONNECTIONS) return void socket.destroy();
    open += 1;
    socket.once('close', () => (open -= 1));
  });
}

async function handle(
  context: Context,
  services: Map<string, Rpcs>,
  metrics: MetricsReader,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://envd');
  const isGet = request.method === 'GET' || request.method === 'HEAD';
  if (url.pathname === '/health' && isGet) return sendEmpty(response);
  authorize(request, url, context.token, context.now);
  const [, service = '', method = ''] = url.pathname.split('/');
  const rpc = services.get(service)?.[method];
  if (rpc && request.method === 'POST') return rpc(request, response);
  if (url.pathname === '/files' && isGet) return download(context, url, request, response);
  if (url.pathname === '/files' && request.method === 'POST') return upload(context, url, request, response);
  if (url.pathname === '/files/compose' && request.method === 'POST') return compose(context, request, response);
  if (url.pathname === '/envs' && isGet) return sendFresh(response, context.defaults.envVars);
  if (url.pathname === '/metrics' && isGet) return sendFresh(response, metrics.read());
  if (url.pathname === '/init' && request.method === 'POST') {
    applyInit(context, parseJson(await readBody(request)));
    return sendEmpty(response);
  }
  if (services.has(service)) throw new EnvdError('unimplemented', `there is no RPC ${service}/${method}`);
  throw new EnvdError('not_found', `there is no ${request.method} ${url.pathname}`);
}

function sendFresh(response: ServerResponse, value: unknown): void {
  response.setHeader('cache-control', 'no-store');
  sendJson(response, 200, value);
}

function sendEmpty(response: ServerResponse): void {
  response.writeHead(204, { 'cache-control': 'no-store' });
  response.end();
}

function isExpected(error: unknown): boolean {
  if (error instanceof EnvdError || error instanceof HttpError || toEnvdError(error).code !== 'internal') return true;
  return (
    error instanceof Error && 'code' in error && String(error.code).match(/^(ERR_STREAM|ECONN|EPIPE|ABORT)/) !== null
  );
}

function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, message } =
    error instanceof HttpError ? { ...error, code: '', message: error.message } : toEnvdError(error);
  const isRpc = code !== '' && request.url?.match(/^\/(process|filesystem)\./);
  const body = Buffer.from(JSON.stringify({ code: isRpc ? code : status, message }));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  // What is left of an upload is read and dropped. All of it may have come: while it is not taken, the connection is not
  // read from, and the next request on it would wait for ever.
  dropRest(request);
  if (request.complete) {
    response.end(body);
    return;
  }
  // Closing the connection now would reset it, and the answer could be lost on its way.
  response.write(body);
  const timer = setTimeout(() => response.end(), DRAIN_MS);
  timer.unref();
  request.once('close', () => {
    clearTimeout(timer);
    response.end();
  });
}
