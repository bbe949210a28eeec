import type { Reply } from './errors.ts';
import type { Exchange } from './exchange.ts';

/** A body for `fetch`: bytes that can be sent again, or a stream that cannot. */
export type WebBody = Uint8Array | ReadableStream<Uint8Array> | null;

export type LargeBody = { start(): ReadableStream<Uint8Array> };

/** Reads the body whole, or as far as it is kept; then the rest follows as the stream is read. */
export async function readBody(
  exchange: Exchange,
  body: ReadableStream<Uint8Array> | null,
): Promise<Uint8Array | LargeBody | Reply | null> {
  if (body === null || !exchange.hasBody) {
    await body?.cancel().catch(() => {});
    return exchange.head.method === 'POST' ? exchange.wholeBody([]) : null;
  }
  const startedAt = performance.now();
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const refusal = exchange.takeBody(value);
      if (refusal !== null) {
        void reader.cancel().catch(() => {});
        return refusal;
      }
      pieces.push(value);
      size += value.length;
      if (size > exchange.wholeLimit) return { start: () => webStream(exchange.streamBody(pieces, restOf(reader))) };
    }
  } catch {
    return exchange.fail({ status: 400, code: 'invalid_body', message: 'The body could not be read.' });
  } finally {
    exchange.bodyWaitMs = performance.now() - startedAt;
  }
  return exchange.wholeBody(pieces);
}

async function* restOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** Pulls only as fast as it is read. */
function webStream(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
