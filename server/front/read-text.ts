import type { IncomingMessage } from 'node:http';
import { AppError } from '../../lib/errors.ts';

/** The whole body as text. Throws `body_too_large` (413) beyond `limit` bytes. */
export async function readText(req: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new AppError('body_too_large', `The body is limited to ${limit} bytes.`, { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
