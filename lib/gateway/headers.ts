import type { ProviderName } from './provider.ts';

/**
 * Allow-lists in both directions. Providers echo header values that they do not understand, and some headers choose an
 * organization, project or idempotent answer that belongs to another tenant of the same real key.
 */
const REQUEST = new Set([
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
]);
const REQUEST_OF: Record<ProviderName, ReadonlySet<string>> = {
  openai: new Set(['openai-beta']),
  anthropic: new Set(['anthropic-version', 'anthropic-beta', 'anthropic-dangerous-direct-browser-access']),
  google: new Set(['x-goog-api-client']),
  composio: new Set(),
};
/** Beta features of Anthropic that reach stored objects, which all tenants of the key share. */
const STORED_OBJECT_BETA = /^(?:files-api|skills|message-batches|managed-agents)-/;

export function upstreamRequestHeaders(provider: ProviderName, from: Headers): Headers {
  const headers = new Headers();
  for (const [name, value] of from) {
    if (!REQUEST.has(name) && !REQUEST_OF[provider].has(name)) continue;
    const kept = name === 'anthropic-beta' ? withoutStoredObjects(value) : value;
    if (kept !== '') headers.set(name, kept);
  }
  return headers;
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

export function callerResponseHeaders(from: Headers): Headers {
  const headers = new Headers();
  for (const [name, value] of from) {
    if (RESPONSE.has(name) || RESPONSE_PREFIXES.some((prefix) => name.startsWith(prefix))) headers.set(name, value);
  }
  // Ours is x-request-id; the provider's is worth quoting to its support.
  const theirs = from.get('x-request-id');
  if (theirs !== null) headers.set('x-upstream-request-id', theirs);
  return headers;
}
