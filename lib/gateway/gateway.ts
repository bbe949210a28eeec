import { parseRequestPath } from '../mastra-proxy/request-path.ts';
import { GATEWAY_BODY_LIMIT, GatewayBodyTooLargeError, limitedBody } from './body-limit.ts';
import { TOOL_BODY_LIMIT, toolExecutionBody } from './composio-body.ts';
import { readVirtualKey, realKeyHeader, withoutKey } from './credentials.ts';
import { type GatewayError, gatewayErrorResponse } from './errors.ts';
import {
  errorKind,
  invalidKey,
  notConfigured,
  notFound,
  refusedAnswer,
  tooLarge,
  transportFailure,
} from './failures.ts';
import { callerResponseHeaders, upstreamRequestHeaders } from './headers.ts';
import { MODEL_OFFER_PATH, type ModelOffer } from './model-offer.ts';
import type { ProviderName, Providers, Upstream } from './provider.ts';
import { findGatewayRoute, type GatewayRoute } from './routes.ts';

export type GatewayCaller = { keyId: string; userId: string };

/** What the gateway sends upstream. Not a `Request`: its constructor would copy headers and forbid some. */
export type UpstreamCall = {
  url: string;
  method: string;
  headers: Headers;
  body: ReadableStream<Uint8Array> | string | null;
  signal: AbortSignal;
};

/**
 * The way out. It must not decode bodies, follow redirects, retry, or limit the time of an answer. It rejects with an
 * error whose `code` or `name` tells a timeout of the connection.
 */
export type UpstreamFetch = (call: UpstreamCall) => Promise<Response>;

export type GatewayLog = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
};

export type GatewayOptions<Caller extends GatewayCaller> = {
  /** Null for keys that are malformed, unknown, revoked, expired or of a disabled member. Throws when it cannot tell. */
  resolveKey: (plain: string) => Promise<Caller | null>;
  providers: Providers;
  /** What `GET /api/gateway/shmastra/models` answers. */
  offer: ModelOffer;
  fetch: UpstreamFetch;
  log: GatewayLog;
  /** A caller with a good key asks for something allowed. */
  onCall?: (caller: Caller) => void;
};

export type Gateway = (request: Request, context: { signal: AbortSignal; requestId: string }) => Promise<Response>;

type FoundRoute = Extract<GatewayRoute, { found: true }>;

const VIRTUAL_KEY = /^vk_[0-9a-f-]{36}_[0-9a-f]{32}$/;

/**
 * The model gateway: a virtual key in, the real key out, bytes untouched in both directions. Runs wherever Request and
 * Response exist.
 */
export function createGateway<Caller extends GatewayCaller>(options: GatewayOptions<Caller>): Gateway {
  return async (request, { signal, requestId }) => {
    const url = new URL(request.url);
    const parsed = parseRequestPath(url.pathname);
    if (!parsed.ok) return gatewayErrorResponse(null, { status: 400, code: 'bad_path', message: parsed.reason });
    if (parsed.path === MODEL_OFFER_PATH) return answerOffer(options, request);
    const route = findGatewayRoute(request.method, parsed.path);
    if (!route.found) return gatewayErrorResponse(route.provider, notFound(route.reason));
    const { provider } = route;
    const fail = (error: GatewayError): Response => gatewayErrorResponse(provider, error);

    const caller = await identify(options, provider, request.headers, url.searchParams);
    if ('code' in caller) return fail(caller);
    const upstream = options.providers[provider];
    if (!upstream) return fail(notConfigured(provider));
    if (declaredLength(request.headers) > GATEWAY_BODY_LIMIT) return fail(tooLarge(GATEWAY_BODY_LIMIT));
    options.onCall?.(caller);

    const body = await requestBody(route, request, caller.userId);
    if (body !== null && typeof body === 'object' && 'code' in body) return fail(body);
    const headers = upstreamRequestHeaders(provider, request.headers);
    if (typeof body === 'string') headers.delete('content-length');
    headers.set('x-request-id', requestId);
    if (upstream.apiKey !== null) headers.set(...realKeyHeader(provider, upstream.apiKey));
    const call: UpstreamCall = {
      // What a tool execution may say is in its body, which was checked; nothing by its side.
      url: `${upstream.baseUrl}${route.path}${route.operation === 'tool_execution' ? '' : withoutKey(url.searchParams)}`,
      method: request.method,
      headers,
      body,
      signal,
    };
    return send(options, { provider, upstream, caller, requestId }, call);
  };
}

/** Says which models there are. Asking is no work: it keeps no sandbox awake. */
async function answerOffer<Caller extends GatewayCaller>(
  options: GatewayOptions<Caller>,
  request: Request,
): Promise<Response> {
  if (request.method !== 'GET') return gatewayErrorResponse(null, notFound('wrong_method'));
  // A bearer token, as for OpenAI.
  const caller = await identify(options, 'openai', request.headers, new URLSearchParams());
  if ('code' in caller) return gatewayErrorResponse(null, caller);
  return Response.json(options.offer, { headers: { 'cache-control': 'no-store' } });
}

async function identify<Caller extends GatewayCaller>(
  options: GatewayOptions<Caller>,
  provider: ProviderName,
  headers: Headers,
  query: URLSearchParams,
): Promise<Caller | GatewayError> {
  const plain = readVirtualKey(provider, headers, query);
  if (plain === null || !VIRTUAL_KEY.test(plain)) return invalidKey('The request has no valid virtual key.');
  try {
    return (await options.resolveKey(plain)) ?? invalidKey('The virtual key is unknown, revoked or expired.');
  } catch (error) {
    options.log.warn({ err: error }, 'virtual keys cannot be checked');
    return {
      status: 503,
      code: 'unavailable',
      message: 'Virtual keys cannot be checked at the moment.',
      retryAfterSeconds: 2,
    };
  }
}

async function requestBody(
  route: FoundRoute,
  request: Request,
  userId: string,
): Promise<ReadableStream<Uint8Array> | string | null | GatewayError> {
  if (request.body === null) return null;
  const limit = route.operation === 'tool_execution' ? TOOL_BODY_LIMIT : GATEWAY_BODY_LIMIT;
  const limited = limitedBody(request.body, limit);
  if (route.operation !== 'tool_execution') return limited;
  try {
    const execution = toolExecutionBody(await new Response(limited).text(), userId);
    return execution.ok ? execution.body : { status: 403, code: 'invalid_body', message: execution.message };
  } catch (error) {
    if (error instanceof GatewayBodyTooLargeError) return tooLarge(limit);
    return { status: 400, code: 'invalid_body', message: 'The body could not be read.' };
  }
}

type Exchange = { provider: ProviderName; upstream: Upstream; caller: GatewayCaller; requestId: string };

async function send<Caller extends GatewayCaller>(
  options: GatewayOptions<Caller>,
  exchange: Exchange,
  call: UpstreamCall,
): Promise<Response> {
  const { provider, upstream, caller, requestId } = exchange;
  const line = { requestId, provider, userId: caller.userId, keyId: caller.keyId, demo: upstream.demo };
  let answer: Response;
  try {
    answer = await options.fetch(call);
  } catch (error) {
    if (call.signal.aborted) throw error;
    const failure = transportFailure(error);
    // Only the kind of the failure: the text of a transport's error may quote what was sent.
    options.log.warn({ ...line, code: failure.code, reason: errorKind(error) }, 'the provider could not be reached');
    return gatewayErrorResponse(provider, failure);
  }
  options.log.info({ ...line, status: answer.status }, 'model call');
  const refusal = refusedAnswer(provider, answer.status);
  if (refusal) {
    // The provider's text about our key may quote parts of it.
    await answer.body?.cancel().catch(() => {});
    return gatewayErrorResponse(provider, refusal);
  }
  return new Response(answer.body, { status: answer.status, headers: callerResponseHeaders(answer.headers) });
}

function declaredLength(headers: Headers): number {
  const length = Number(headers.get('content-length') ?? 0);
  return Number.isFinite(length) ? length : 0;
}
