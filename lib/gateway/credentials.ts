import type { ProviderName } from './provider.ts';

/** The one header in which each provider takes its key, and in which sandboxes send their virtual key. */
export const KEY_HEADER: Record<ProviderName, string> = {
  openai: 'authorization',
  anthropic: 'x-api-key',
  google: 'x-goog-api-key',
  composio: 'x-api-key',
};

/** The virtual key of a request: from the provider's own header, or Google's `?key=`. */
export function readVirtualKey(provider: ProviderName, headers: Headers, query: URLSearchParams): string | null {
  if (provider === 'openai') return bearer(headers);
  const given = headers.get(KEY_HEADER[provider]);
  if (given !== null) return given.trim();
  if (provider === 'google') return query.get('key');
  // Anthropic's SDK sends an auth token as bearer.
  return provider === 'anthropic' ? bearer(headers) : null;
}

function bearer(headers: Headers): string | null {
  return /^bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null;
}

export function realKeyHeader(provider: ProviderName, apiKey: string): [name: string, value: string] {
  return [KEY_HEADER[provider], provider === 'openai' ? `Bearer ${apiKey}` : apiKey];
}

/** Google takes the key in the address too; it must not travel on, nor end in anybody's log. */
export function withoutKey(query: URLSearchParams): string {
  const rest = new URLSearchParams(query);
  for (const name of ['key', 'api_key', 'apiKey', 'access_token']) rest.delete(name);
  const text = rest.toString();
  return text === '' ? '' : `?${text}`;
}
