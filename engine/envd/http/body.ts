import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { EnvdError } from './errors.ts';
import { zlib } from '../late-modules.ts';
import { countPassed } from '../memory.ts';
import { MAX_RPC_BYTES } from './frames.ts';

/**
 * The request's body, unpacked if it came with `Content-Encoding: gzip`. The caller reads it with back-pressure.
 * @throws EnvdError invalid_argument for another encoding.
 */
export function decodedBody(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request;
  if (encoding !== 'gzip') throw new EnvdError('invalid_argument', `content encoding '${encoding}' is not supported`);
  const unzipped = zlib().createGunzip();
  // pipe() forwards neither errors nor aborts.
  request.on('error', (error) => unzipped.destroy(error));
  request.on('aborted', () => unzipped.destroy(new EnvdError('canceled', 'the request was aborted')));
  return request.pipe(unzipped);
}

/** Most bytes of RPC requests that are held at a time, whoever sends them. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
let held = 0;

/** @throws EnvdError resource_exhausted when the body is longer than `limit` bytes, or too much comes at once. */
export async function readBody(request: IncomingMessage, limit = MAX_RPC_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The request is left open when it is refused: its sender waits for the answer.
    for await (const chunk of decodedBody(request).iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      held += chunk.length;
      if (size > limit) throw new EnvdError('resource_exhausted', `the request is longer than ${limit} bytes`);
      if (held > MAX_HELD_BYTES) throw new EnvdError('resource_exhausted', 'too many long requests at a time');
      chunks.push(chunk);
    }
    countPassed(size);
    return Buffer.concat(chunks, size);
  } finally {
    held -= size;
  }
}

/** Takes what is left of a request that is answered without it, so that the connection can be used again. */
export function dropRest(request: IncomingMessage): void {
  request.unpipe();
  request.resume();
}
