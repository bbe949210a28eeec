import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { AppError } from '../../lib/errors.ts';

/** Largest upload into a sandbox. Bytes. */
export const UPLOAD_LIMIT = 100 * 1024 * 1024;

export function tooLarge(): AppError {
  return new AppError('body_too_large', `Uploads are limited to ${UPLOAD_LIMIT / 1024 / 1024} MB.`, { status: 413 });
}

export class BodyTooLargeError extends Error {
  constructor(limit: number) {
    super(`The request's body is larger than ${limit} bytes.`);
    this.name = 'BodyTooLargeError';
  }
}

/** True when the request says itself that its body is larger than `limit` bytes. */
export function declaresTooMuch(req: IncomingMessage, limit: number): boolean {
  const length = Number(req.headers['content-length'] ?? 0);
  return Number.isFinite(length) && length > limit;
}

/**
 * The body as a stream that fails with BodyTooLargeError once it exceeds `limit` bytes. A body of declared length needs
 * no counting: Node's parser reads exactly that many bytes.
 */
export function limitBody(req: IncomingMessage, limit: number): Readable {
  if (req.headers['content-length'] !== undefined && req.headers['transfer-encoding'] === undefined) return req;
  let size = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) done(new BodyTooLargeError(limit));
      else done(null, chunk);
    },
  });
  req.on('error', (error) => counter.destroy(error));
  req.on('aborted', () => counter.destroy(new Error('The client closed the connection.')));
  return req.pipe(counter);
}
