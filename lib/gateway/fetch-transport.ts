import type { UpstreamCall, UpstreamFetch } from './gateway.ts';

/** The gateway's way out where `fetch` is all there is. Metered calls ask for no compression, so nothing is decoded. */
export function createFetchTransport(fetchIt: typeof fetch = fetch): UpstreamFetch {
  return ({ url, method, headers, body, signal }) => {
    // A length that is set by hand is refused by some runtimes; they know it of bytes.
    const { 'content-length': _length, ...rest } = headers;
    const init = { method, headers: rest, signal, redirect: 'manual' as const, cache: 'no-store' as const };
    return fetchIt(url, body === null ? init : withBody(init, body));
  };
}

/** `duplex` is asked for by all runtimes and missing in the types of the DOM. */
function withBody(init: RequestInit, body: NonNullable<UpstreamCall['body']>): RequestInit {
  return { ...init, body: body as BodyInit, duplex: 'half' } as RequestInit;
}
