import type { Protocol } from './provider.ts';

/** Headers with names in lower case, as Node has them. */
export type HeaderBag = Readonly<Record<string, string | string[] | undefined>>;

export function headerOf(headers: HeaderBag, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * Allow-lists in both directions. Providers echo header values that they do not understand, and some headers choose an
 * organization, project or idempotent answer that belongs to another tenant of the same real key.
 */
const REQUEST = ['accept', 'user-agent'] as const;
const REQUEST_OF: Record<Protocol, readonly string[]> = {
  openai: ['openai-beta'],
  anthropic: ['anthropic-version', 'anthropic-beta', 'anthropic-dangerous-direct-browser-access'],
  google: ['x-goog-api-client'],
  composio: [],
};
/** Beta features of Anthropic that reach stored objects, which all tenants of the key share. */
const STORED_OBJECT_BETA = /^(?:files-api|skills|message-batches|managed-agents)-/;

/** A virtual key in the wrong place stays here too. */
export function holdsVirtualKey(value: string): boolean {
  return /vk_[0-9a-f-]{36}_/.test(value);
}

/** @param metered whether the answer is read by the meter, which needs it without compression */
export function upstreamRequestHeaders(protocol: Protocol, from: HeaderBag, metered: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of REQUEST) {
    const value = headerOf(from, name);
    if (value !== undefined && !holdsVirtualKey(value)) headers[name] = value;
  }
  for (const name of REQUEST_OF[protocol]) {
    const value = headerOf(from, name);
    if (value === undefined || holdsVirtualKey(value)) continue;
    const kept = name === 'anthropic-beta' ? withoutStoredObjects(value) : value;
    if (kept !== '') headers[name] = kept;
  }
  const type = headerOf(from, 'content-type');
  // As it was read here, so that the provider reads the same in it.
  if (type !== undefined) headers['content-type'] = isForm(protocol, type) ? type : 'application/json';
  const encoding = metered ? 'identity' : headerOf(from, 'accept-encoding');
  if (encoding !== undefined && !holdsVirtualKey(encoding)) headers['accept-encoding'] = encoding;
  return headers;
}

/** Whether a body is read field by field. All others are read as JSON, whatever their type says. */
export function isForm(protocol: Protocol, type: string): boolean {
  return protocol !== 'composio' && /^multipart\//i.test(type) && !holdsVirtualKey(type);
}

function withoutStoredObjects(value: string): string {
  const features = value.split(',').map((feature) => feature.trim());
  return features.filter((feature) => !STORED_OBJECT_BETA.test(feature)).join(',');
}

const RESPONSE = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'openai-model',
  'openai-processing-ms',
  'openai-version',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'vary',
  'x-should-retry',
]);
const RESPONSE_PREFIXES = ['x-ratelimit-', 'anthropic-ratelimit-'];

export function callerResponseHeaders(from: HeaderBag): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in from) {
    if (!RESPONSE.has(name) && !RESPONSE_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
    const value = headerOf(from, name);
    if (value !== undefined) headers[name] = value;
  }
  // Ours is x-request-id; the provider's is worth quoting to its support.
  const theirs = headerOf(from, 'x-request-id');
  if (theirs !== undefined) headers['x-upstream-request-id'] = theirs;
  return headers;
}
