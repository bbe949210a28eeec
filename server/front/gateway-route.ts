import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { GatewayCore } from '../../lib/gateway/core.ts';
import type { Reply } from '../../lib/gateway/errors.ts';
import type { Exchange } from '../../lib/gateway/exchange.ts';
import type { RequestFacts } from './context.ts';
import { readGatewayBody } from './gateway-body.ts';
import { GatewayAttempt } from './gateway-attempt.ts';

/**
 * `/api/gateway/*` over Node's own requests and responses and undici's dispatch: Request, Response and web streams cost
 * more than all of the gateway's work. The decisions are the core's.
 */
export function createGatewayRoute(core: GatewayCore, dispatcher: Dispatcher) {
  return async (facts: RequestFacts, req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const arrivedAt = performance.now();
    const exchange = core.open({
      method: req.method ?? 'GET',
      target: `${facts.path}${facts.query}`,
      headers: req.headers,
      requestId: facts.requestId,
      address: req.socket.remoteAddress ?? null,
      arrivedAt,
    });
    if ('body' in exchange) return sendReply(req, res, exchange);
    try {
      await run(exchange, dispatcher, req, res);
    } finally {
      // Whatever went wrong: no reservation stays behind.
      void exchange.settle({
        usage: null,
        billable: exchange.sent,
        status: 500,
        firstByteMs: null,
        clientGone: res.destroyed,
      });
    }
  };
}

async function run(
  exchange: Exchange,
  dispatcher: Dispatcher,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const end = async (reply: Reply): Promise<void> => {
    await exchange.settle({
      usage: null,
      billable: false,
      status: res.destroyed ? 499 : reply.status,
      firstByteMs: null,
      clientGone: res.destroyed,
    });
    sendReply(req, res, reply);
  };
  const refused = await exchange.identify();
  if (refused !== null) return end(refused);
  const body = await readGatewayBody(exchange, req);
  if (body !== null && 'headers' in body) return end(body);
  if (res.destroyed) return end(GONE);
  const limited = await exchange.reserve();
  if (limited !== null) return end(limited);
  // The caller may have left while the limits were looked at: nothing was sent, so nothing is billed.
  if (res.destroyed) return end(GONE);
  for (;;) {
    const attempt = new GatewayAttempt(exchange, res);
    const reply = await attempt.run(dispatcher, body);
    if (reply === 'repeat') continue;
    if (reply === null) return;
    await exchange.booked;
    return sendReply(req, res, reply);
  }
}

/** Said to nobody. */
const GONE: Reply = { status: 499, headers: {}, body: '' };

function sendReply(req: IncomingMessage, res: ServerResponse, { status, headers, body }: Reply): void {
  if (res.destroyed || res.headersSent) return;
  // A body that is still coming would be read as the next request, or to its end for nothing.
  const close = req.complete ? {} : { connection: 'close' };
  res.writeHead(status, { ...headers, ...close, 'content-length': Buffer.byteLength(body) });
  res.end(req.method === 'HEAD' ? undefined : body);
}
