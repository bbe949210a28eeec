import { connectionOptions, type HeaderBag } from './request-headers.ts';
import { rewriteLocation } from './location.ts';

/**
 * Headers from a sandbox towards the browser. An allow-list: a sandbox sets no cookies on our origin, opens no CORS,
 * and gives no orders to a reverse proxy in front of us (X-Accel-Redirect).
 */
const ALLOWED = new Set([
  'accept-ranges',
  'allow',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'last-modified',
  'mcp-protocol-version',
  'mcp-session-id',
  'retry-after',
  'vary',
]);
const ALLOWED_PREFIXES = ['x-mastra-', 'x-vercel-ai-'];

// A document from a sandbox gets an origin of its own and may load nothing with the visitor's session.
const DOCUMENT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export type BrowserResponseHeaders = { requestId: string; mountPath: string };

export function browserResponseHeaders(
  from: HeaderBag,
  set: BrowserResponseHeaders,
): Record<string, string | string[]> {
  const headers = passedHeaders(from);
  const location = rewriteLocation(single(from['location']), set.mountPath);
  if (location !== null) headers['location'] = location;
  // On every answer, whatever its type: it means nothing to JSON and saves deciding which types are documents.
  headers['content-security-policy'] = DOCUMENT_POLICY;
  headers['x-content-type-options'] = 'nosniff';
  headers['cross-origin-resource-policy'] = 'same-origin';
  headers['referrer-policy'] = 'no-referrer';
  if (isEventStream(single(from['content-type']))) headers['x-accel-buffering'] = 'no';
  // The same address is another sandbox for another visitor: nothing between here and the browser may keep or change it.
  headers['cache-control'] = 'private, no-cache, no-transform';
  headers['x-request-id'] = set.requestId;
  return headers;
}

/** Those of a sandbox's headers that a browser may see, as they are. */
export function passedHeaders(from: HeaderBag): Record<string, string | string[]> {
  const named = connectionOptions(from['connection']);
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || named.has(name)) continue;
    if (ALLOWED.has(name) || ALLOWED_PREFIXES.some((prefix) => name.startsWith(prefix))) headers[name] = value;
  }
  return headers;
}

export function isEventStream(contentType: string | undefined): boolean {
  return contentType !== undefined && /^\s*text\/event-stream\b/i.test(contentType);
}

export function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value[0];
}
