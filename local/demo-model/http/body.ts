import type { IncomingMessage } from 'node:http';
import { DemoModelError } from '../errors.ts';

/** Largest request body, in bytes. */
export const BODY_LIMIT = 10 * 1024 * 1024;

/** Reads a JSON body. @throws DemoModelError 413 for a larger one, 415 for a compressed one, 400 for one that is no JSON */
export async function readJsonBody(request: IncomingMessage, limit = BODY_LIMIT): Promise<unknown> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new DemoModelError(415, 'unsupported_encoding', 'Compressed request bodies are not supported.');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(bytes);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return body;
  } catch {
    throw new DemoModelError(400, 'invalid_json', 'The body is not valid JSON.');
  }
}

const tooLarge = (limit: number) =>
  new DemoModelError(413, 'body_too_large', `The body is larger than ${Math.floor(limit / 1024 / 1024)} MB.`);
