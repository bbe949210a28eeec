import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { DemoModelError } from '../errors.ts';
import type { IdSource } from '../ids.ts';
import type { Planner } from '../planner.ts';
import type { Protocol } from '../protocol.ts';
import { readJsonBody } from './body.ts';
import { findEndpoint, mountOf } from './routes.ts';
import { sendJson, sendReply } from './send.ts';

export type DemoModelOptions = {
  plan: Planner;
  newId: IdSource;
  now: () => Date;
  /** Between two pieces of a streamed answer, in milliseconds. */
  delayMs: number;
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void };
};

/** The gateway keeps connections open; closing them first would fail a request that is just being sent. */
const KEEP_ALIVE_MS = 75_000;

/** Stands in for the model providers, each in its own protocol below a path of its own. */
export function createDemoModelServer(options: DemoModelOptions): Server {
  const server = createServer((request, response) => {
    void respond(options, request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function respond(options: DemoModelOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(`http://demo-model${request.url?.startsWith('/') ? request.url : '/'}`);
  const method = request.method ?? 'GET';
  if (pathname === '/health') return sendJson(response, 200, { status: 'ok' });
  const mount = mountOf(pathname);
  if (!mount) return sendJson(response, 404, { error: { code: 'not_found', message: `Nothing is at ${pathname}.` } });

  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const requestId = options.newId('req_');
  const { protocol, path } = mount;
  if (protocol.requestIdHeader) response.setHeader(protocol.requestIdHeader, requestId);
  const line = { requestId, method, path: pathname };
  try {
    const { endpoint, params } = findEndpoint(protocol, method, path);
    const body = method === 'POST' ? await readJsonBody(request) : undefined;
    const { plan, newId, delayMs } = options;
    const reply = endpoint.answer({ body, params, query: searchParams, plan, newId, now: options.now() });
    await sendReply(response, reply, { delayMs, signal: gone.signal });
    options.log.info({ ...line, status: 200, reply: reply.type }, 'answered');
  } catch (error) {
    if (gone.signal.aborted) options.log.info(line, 'the client left');
    else refuse(options, { response, protocol, requestId, line }, error);
  }
}

type Refused = { response: ServerResponse; protocol: Protocol; requestId: string; line: object };

function refuse(options: DemoModelOptions, { response, protocol, requestId, line }: Refused, error: unknown): void {
  const known = error instanceof DemoModelError;
  if (known) options.log.info({ ...line, status: error.status, code: error.code }, 'refused');
  else options.log.error({ ...line, err: error }, 'failed');
  // Too late to say what happened.
  if (response.headersSent) return void response.destroy();
  const told = known ? error : new DemoModelError(500, 'internal', 'The demo model failed. Its log says why.');
  // A body that was refused is still taken in: closing on it would lose the answer. The server's timeout ends it.
  response.req.resume();
  sendJson(response, told.status, protocol.errorBody(told, requestId));
}
