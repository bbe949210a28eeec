import type { IncomingMessage } from 'node:http';
import { pipeline, type Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { readAppsHost } from '../../lib/apps/index.ts';
import { ForbiddenError, errorBody, errorStatus } from '../../lib/errors.ts';
import { NOT_SIGNED_IN, type Refusal } from '../../lib/mastra-proxy/decide.ts';
import { checkOrigin } from '../../lib/mastra-proxy/origin.ts';
import { type HeaderBag, sandboxRequestHeaders } from '../../lib/mastra-proxy/request-headers.ts';
import { parseRequestPath } from '../../lib/mastra-proxy/request-path.ts';
import { sandboxPath } from '../../lib/mastra-proxy/target.ts';
import { identifyCaller, isStill } from './caller.ts';
import type { FrontContext } from './context.ts';
import { originFacts } from './mastra-route.ts';
import { watchStream } from './open-streams.ts';
import { readySandbox } from './ready-sandbox.ts';
import { requestId as chooseRequestId } from './request-id.ts';
import type { FrontSandbox } from './services.ts';

const PASSED_BACK = ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'];

/** Upgraded sockets are no longer the server's, so that they are counted and closed here. */
export function createUpgradeHandler(context: FrontContext) {
  const open = new Set<Duplex>();
  return {
    handle: (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      void handleUpgrade(context, req, socket, head);
    },
    close: (): void => {
      for (const socket of open) socket.destroy();
    },
  };
}

/** WebSocket upgrades: the same rules as any write to the sandbox, then bytes in both directions. */
async function handleUpgrade(context: FrontContext, req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  socket.on('error', () => socket.destroy());
  const requestId = chooseRequestId(req.headers['x-request-id']);
  try {
    const parsed = parseRequestPath(req.url ?? '');
    if (!parsed.ok) return answer(socket, 400, { error: { code: 'bad_path', message: parsed.reason } });
    // Apps have none; what they could open, they would hold open for ever.
    const isApp = readAppsHost(req.headers.host, context.appsDomain) !== null;
    const below = isApp ? null : sandboxPath(parsed.path, true);
    if (below === null || req.headers.upgrade?.toLowerCase() !== 'websocket') {
      return answer(socket, 404, { error: { code: 'not_found', message: 'There is no WebSocket here.' } });
    }
    const origin = checkOrigin(originFacts(req, true), context.ownOrigin);
    if (!origin.ok) throw new ForbiddenError('origin_refused', origin.message);
    const caller = await identifyCaller(context.services, req);
    if (caller.state !== 'member') return refuse(socket, NOT_SIGNED_IN);
    // One that is closed already closes no more, and would be counted for ever.
    if (socket.destroyed) return;
    socket.once('close', context.limit.enter(caller.userId));
    const ready = await readySandbox(context, caller.userId, 'write');
    if ('action' in ready) return refuse(socket, ready);
    connect(context, ready, { path: `${below}${parsed.query}`, requestId, req, socket, head });
  } catch (error) {
    if (errorStatus(error) >= 500) context.log.warn({ requestId, err: error }, 'upgrade failed');
    answer(socket, errorStatus(error), errorBody(error));
  }
}

type Upgrade = { path: string; requestId: string; req: IncomingMessage; socket: Duplex; head: Buffer };

function connect(context: FrontContext, sandbox: FrontSandbox, upgrade: Upgrade): void {
  const { path, requestId, req, socket, head } = upgrade;
  const { origin, host } = context.upstream(sandbox.sandbox_id ?? '');
  const headers = sandboxRequestHeaders(req.headers, {
    host,
    serverToken: context.services.serverToken(sandbox),
    requestId,
    upgrade: true,
  });
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      const abort = (): void => controller.abort(new Error('The client closed the connection.'));
      if (socket.destroyed) abort();
      else socket.once('close', abort);
    },
    onRequestUpgrade(_controller, _status, answerHeaders, upstream) {
      socket.write(switchingProtocols(answerHeaders, requestId));
      if (head.length > 0) upstream.write(head);
      const cut = (): void => {
        socket.destroy();
        upstream.destroy();
      };
      const access = () => isStill(context.services, req.headers.cookie, sandbox.user_id);
      const stream = watchStream(context.services, { sandbox, access, extends: true, cut });
      // What a person does in the socket keeps the sandbox awake; what it sends by itself does not.
      socket.on('data', () => stream.touch());
      const end = (): void => {
        stream.close();
        cut();
      };
      pipeline(socket, upstream, end);
      pipeline(upstream, socket, end);
    },
    onResponseStart(controller, status) {
      controller.abort(new Error('The sandbox did not switch protocols.'));
      answer(socket, status >= 400 ? status : 502, {
        error: { code: 'upgrade_refused', message: 'The sandbox refused.' },
      });
    },
    onResponseError() {
      answer(socket, 502, { error: { code: 'upgrade_failed', message: 'The sandbox could not be reached.' } });
    },
  };
  context.sandboxes.dispatch({ origin, path, method: 'GET', headers, upgrade: 'websocket' }, handler);
}

function switchingProtocols(headers: HeaderBag, requestId: string): string {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  for (const name of PASSED_BACK) {
    const value = headers[name];
    if (value !== undefined) lines.push(`${name}: ${typeof value === 'string' ? value : value.join(', ')}`);
  }
  return [...lines, `x-request-id: ${requestId}`, '', ''].join('\r\n');
}

function refuse(socket: Duplex, { httpStatus, code, message }: Refusal): void {
  answer(socket, httpStatus, { error: { code, message } });
}

function answer(socket: Duplex, status: number, body: unknown): void {
  if (socket.destroyed || !socket.writable) return;
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
