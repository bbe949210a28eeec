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

/**
 * What may follow a path. Everything else stays here: keys, which must not end in anybody's log, and parameters that take
 * the usage out of an answer (`fields`), change how it is written (`alt=proto`) or stand for a part of the body.
 */
const PARAMETERS: Record<Protocol, Readonly<Record<string, RegExp>>> = {
  openai: { 'api-version': /^[\w.-]{1,40}$/ },
  anthropic: { beta: /^true$/, limit: /^\d{1,4}$/, after_id: /^[\w.:-]{1,200}$/, before_id: /^[\w.:-]{1,200}$/ },
  google: { alt: /^(?:sse|json)$/, pageSize: /^\d{1,4}$/, pageToken: /^[\w=-]{1,500}$/ },
  // See composioQuery.
  composio: {},
};

/** The part of a caller's query that is sent on, with its `?`. */
export function allowedQuery(protocol: Protocol, query: string): string {
  if (query === '') return '';
  const rest = new URLSearchParams(query);
  for (const [name, value] of [...rest]) {
    const rule = Object.hasOwn(PARAMETERS[protocol], name) ? PARAMETERS[protocol][name] : undefined;
    // Which one of two counts is the provider's secret.
    if (!rule?.test(value) || rest.getAll(name).length > 1 || holdsVirtualKey(value)) rest.delete(name);
  }
  const text = rest.toString();
  return text === '' ? '' : `?${text}`;
}
