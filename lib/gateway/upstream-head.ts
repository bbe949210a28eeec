import { composioQuery } from './composio.ts';
import { allowedQuery, realKeyHeader } from './credentials.ts';
import type { Exchange } from './exchange.ts';
import { upstreamRequestHeaders } from './headers.ts';

export type UpstreamHead = { url: string; method: string; headers: Record<string, string> };

/**
 * The head of a call as the provider gets it, with the exchange's key.
 * @param query as the caller sent it
 * @param declared the body's length as the caller declared it, or null
 */
export function upstreamHead(exchange: Exchange, userId: string, query: string, declared: number | null): UpstreamHead {
  const { route, provider, head, key } = exchange;
  const headers = upstreamRequestHeaders(route.protocol, head.headers, exchange.metered);
  headers['x-request-id'] = head.requestId;
  if (key !== null) {
    const [name, value] = realKeyHeader(route.protocol, key.secret);
    headers[name] = value;
  }
  // A stream of chat completions may grow by what is put in.
  if (!exchange.repeatable && route.format !== 'chat' && declared !== null)
    headers['content-length'] = String(declared);
  const asked =
    route.protocol === 'composio' ? composioQuery(route, query, userId) : allowedQuery(route.protocol, query);
  return { url: `${provider.baseUrl}${route.path}${asked}`, method: head.method, headers };
}
