/**
 * Headers towards a sandbox. An allow-list: the visitor's cookies, credentials and forwarding headers never enter a
 * sandbox, and the server token never leaves the control plane in the other direction.
 */
const ALLOWED = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-length',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'mcp-protocol-version',
  'mcp-session-id',
  'pragma',
  'prefer',
  'range',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-requested-with',
  'x-shmastra-chat',
]);
const ALLOWED_PREFIXES = ['x-mastra-'];
const WEBSOCKET = new Set([
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
]);

/** Header names in lower case, as Node gives them. */
export type HeaderBag = Readonly<Record<string, string | string[] | undefined>>;

export type SandboxRequestHeaders = { host: string; serverToken: string; requestId: string; upgrade?: boolean };

export function sandboxRequestHeaders(from: HeaderBag, set: SandboxRequestHeaders): Record<string, string> {
  const named = connectionOptions(from['connection']);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || named.has(name)) continue;
    if (!isAllowed(name, set.upgrade === true)) continue;
    headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  headers['host'] = set.host;
  headers['authorization'] = `Bearer ${set.serverToken}`;
  headers['x-request-id'] = set.requestId;
  return headers;
}

function isAllowed(name: string, upgrade: boolean): boolean {
  if (ALLOWED.has(name)) return true;
  if (upgrade && WEBSOCKET.has(name)) return true;
  return ALLOWED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Names that a Connection header declares to be meant for this hop only (RFC 9110, 7.6.1). */
export function connectionOptions(connection: string | string[] | undefined): Set<string> {
  if (connection === undefined) return new Set();
  const text = typeof connection === 'string' ? connection : connection.join(',');
  return new Set(text.split(',').map((option) => option.trim().toLowerCase()));
}
