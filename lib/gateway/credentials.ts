import { type HeaderBag, headerOf, holdsVirtualKey } from './headers.ts';
import type { Protocol } from './provider.ts';

/** The one header in which each provider takes its key, and in which sandboxes send their virtual key. */
export const KEY_HEADER: Record<Protocol, string> = {
  openai: 'authorization',
  anthropic: 'x-api-key',
  google: 'x-goog-api-key',
  composio: 'x-api-key',
};

/** The virtual key of a request: from the provider's own header, or Google's `?key=`. */
export function readVirtualKey(protocol: Protocol, headers: HeaderBag, query: string): string | null {
  if (protocol === 'openai') return bearer(headers);
  const given = headerOf(headers, KEY_HEADER[protocol]);
  if (given !== undefined) return given.trim();
  if (protocol === 'google') return query === '' ? null : new URLSearchParams(query).get('key');
  // Anthropic's SDK sends an auth token as bearer.
  return protocol === 'anthropic' ? bearer(headers) : null;
}

function bearer(headers: HeaderBag): string | null {
  return /^bearer +(\S+) *$/i.exec(headerOf(headers, 'authorization') ?? '')?.[1] ?? null;
}

export function realKeyHeader(protocol: Protocol, secret: string): [name: string, value: string] {
  return [KEY_HEADER[protocol], protocol === 'openai' ? `Bearer ${secret}` : secret];
}

const KEY_PARAMETERS = new Set(['key', 'api_key', 'apikey', 'api-key', 'access_token', 'token', '$key']);

/** Google takes the key in the address too; it must not travel on, nor end in anybody's log. */
export function withoutKey(query: string): string {
  if (query === '') return '';
  const rest = new URLSearchParams(query);
  for (const [name, value] of [...rest]) {
    if (KEY_PARAMETERS.has(name.toLowerCase()) || holdsVirtualKey(name + value)) rest.delete(name);
  }
  const text = rest.toString();
  return text === '' ? '' : `?${text}`;
}
