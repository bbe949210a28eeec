import { createGatewayCore, type GatewayOptions } from './core.ts';
import type { Reply } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { errorKind, transportFailure } from './failures.ts';
import type { HeaderBag } from './headers.ts';
import { sendAnswer } from './web-answer.ts';
import { reply, type RequestContext } from './web-reply.ts';
import { readBody, type WebBody } from './web-body.ts';

/** What the gateway sends upstream. Not a `Request`: its constructor would copy headers and forbid some. */
export type UpstreamCall = {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: WebBody;
  signal: AbortSignal;
};

/**
 * The way out. It must not decode bodies, follow redirects, retry, or limit the time of an answer. It rejects with an
 * error whose `code` or `name` tells a timeout of the connection.
 */
export type UpstreamFetch = (call: UpstreamCall) => Promise<Response>;

export type Gateway = (request: Request, context: RequestContext) => Promise<Response>;

/** The gateway over Request and Response: for Edge functions, and routes of frameworks. */
export function createGateway(options: GatewayOptions & { fetch: UpstreamFetch }): Gateway {
  const core = createGatewayCore(options);
  return async (request, context) => {
    const arrivedAt = performance.now();
    const { pathname, search } = new URL(request.url);
    const exchange = core.open({
      method: request.method,
      target: `${pathname}${search}`,
      headers: bag(request.headers),
      requestId: context.requestId,
      address: context.address ?? null,
      arrivedAt,
    });
    if ('body' in exchange) return reply(exchange, context.requestId);
    return run(exchange, request, context, options.fetch);
  };
}

async function run(
  exchange: Exchange,
  request: Request,
  context: RequestContext,
  fetch: UpstreamFetch,
): Promise<Response> {
  const end = (answer: Reply): Response => {
    exchange.settle({ usage: null, billable: false, status: answer.status, firstByteMs: null, clientGone: false });
    return reply(answer, context.requestId);
  };
  const refused = await exchange.identify();
  if (refused !== null) return end(refused);
  const body = await readBody(exchange, request.body);
  if (body !== null && 'headers' in body) return end(body);
  const limited = await exchange.reserve();
  if (limited !== null) return end(limited);
  // The call outlives its caller for a while; `sendAnswer` cuts it.
  const abort = new AbortController();
  for (;;) {
    const head = exchange.upstream();
    if (head === null) return end(exchange.fail(transportFailure(null)));
    let response: Response;
    if (exchange.repeatable) exchange.sent = true;
    try {
      const call = { ...head, body: body instanceof Uint8Array ? body : (body?.start() ?? null), signal: abort.signal };
      response = await withCaller(fetch(call), exchange, context.signal, abort);
    } catch (error) {
      return failed(exchange, error, context);
    }
    const answer = exchange.answer(response.status, bag(response.headers));
    const started = answer.start();
    if (started.kind === 'repeat') {
      await response.body?.cancel().catch(() => {});
      continue;
    }
    return sendAnswer({ exchange, answer, started, response, abort, context });
  }
}

/** The provider's head; when the caller leaves before it, the provider has a little time left to come up with it. */
async function withCaller(
  response: Promise<Response>,
  exchange: Exchange,
  signal: AbortSignal,
  abort: AbortController,
): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const gone = (): void => {
    timer = setTimeout(() => abort.abort(new Error('The caller is gone.')), exchange.state.limits.drainMs);
  };
  if (signal.aborted) gone();
  else signal.addEventListener('abort', gone, { once: true });
  try {
    return await response;
  } finally {
    signal.removeEventListener('abort', gone);
    clearTimeout(timer);
  }
}

function failed(exchange: Exchange, error: unknown, context: RequestContext): Response {
  const failure = transportFailure(error);
  const { log } = exchange.state.options;
  const { requestId, provider } = { requestId: context.requestId, provider: exchange.provider.name };
  // Only the kind of the failure: the text of a transport's error may quote what was sent.
  log.warn({ requestId, provider, code: failure.code, reason: errorKind(error) }, 'the provider could not be reached');
  exchange.settleUnanswered(error, failure.status, context.signal.aborted);
  return reply(exchange.fail(failure), requestId);
}

function bag(headers: Headers): HeaderBag {
  return Object.fromEntries(headers);
}
