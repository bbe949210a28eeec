import type { IncomingMessage } from 'node:http';
import type { Reply } from '../../lib/gateway/errors.ts';
import type { Exchange } from '../../lib/gateway/exchange.ts';

/** The part of a large body that was read, and how to get all of it. */
export type LargeGatewayBody = { start(): AsyncIterable<Uint8Array> };

/** Reads the body whole, or as far as it is kept; the rest then follows as it is sent on. */
export async function readGatewayBody(
  exchange: Exchange,
  req: IncomingMessage,
): Promise<Uint8Array | LargeGatewayBody | Reply | null> {
  if (!exchange.hasBody) return exchange.head.method === 'POST' ? exchange.wholeBody([]) : null;
  const startedAt = performance.now();
  const pieces: Uint8Array[] = [];
  const read = await collect(exchange, req, pieces);
  exchange.bodyWaitMs = performance.now() - startedAt;
  if (read === 'whole') return exchange.wholeBody(pieces);
  if (read === 'large') return { start: () => exchange.streamBody(pieces, rest(req)) };
  return read;
}

/** A caller whose body is refused midway still gets to read why. */
function rest(req: IncomingMessage): AsyncIterable<Uint8Array> {
  return req.iterator({ destroyOnReturn: false });
}

function collect(exchange: Exchange, req: IncomingMessage, pieces: Uint8Array[]): Promise<'whole' | 'large' | Reply> {
  return new Promise((resolve) => {
    let size = 0;
    const finish = (result: 'whole' | 'large' | Reply): void => {
      req.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      const refusal = exchange.takeBody(chunk);
      if (refusal !== null) {
        req.pause();
        return finish(refusal);
      }
      pieces.push(chunk);
      size += chunk.length;
      if (size <= exchange.wholeLimit) return;
      req.pause();
      finish('large');
    };
    const onEnd = (): void => finish('whole');
    const onBroken = (): void => {
      finish(exchange.fail({ status: 400, code: 'invalid_body', message: 'The body could not be read.' }));
    };
    req.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}
