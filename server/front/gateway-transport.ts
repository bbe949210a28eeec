import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { Dispatcher } from 'undici';
import type { UpstreamCall, UpstreamFetch } from '../../lib/gateway/gateway.ts';

/** Statuses whose answers have no body, and for which Response refuses one. */
const BODILESS = new Set([204, 205, 304]);

/**
 * The gateway's way out over a pool of kept connections. `fetch` would decode bodies, which are to stay as they are, and
 * gives up after 300 s without headers, which a thinking model takes.
 */
export function createGatewayTransport(dispatcher: Dispatcher): UpstreamFetch {
  return async (call) => {
    const url = new URL(call.url);
    const answer = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: call.method,
      headers: Object.fromEntries(call.headers),
      body: requestBody(call),
      signal: call.signal,
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined) headers.set(name, typeof value === 'string' ? value : value.join(', '));
    }
    if (BODILESS.has(answer.statusCode)) {
      await answer.body.dump();
      return new Response(null, { status: answer.statusCode, headers });
    }
    return new Response(webStream(answer.body), { status: answer.statusCode, headers });
  };
}

function requestBody(call: UpstreamCall): Readable | string | null {
  if (call.body === null || typeof call.body === 'string') return call.body;
  return Readable.fromWeb(asNodeStream(call.body), { highWaterMark: 64 * 1024 });
}

/** The types of DOM and Node describe the same class. */
function asNodeStream(stream: ReadableStream<Uint8Array>): NodeReadableStream<Uint8Array> {
  return stream as unknown as NodeReadableStream<Uint8Array>;
}

/** One chunk in, the same chunk out, none ahead of the reader: what the caller sees is what the provider sent. */
function webStream(body: Readable): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      cancel() {
        body.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
