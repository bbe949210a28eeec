import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { BadRequestError, EngineError, errorBody } from './errors.ts';

/** The largest JSON body of an API call, in bytes. */
const BODY_LIMIT = 1024 * 1024;
/** Beyond it the connection is cut. */
const DRAIN_LIMIT = 16 * BODY_LIMIT;

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The SDK cannot read an empty chunked body: empty answers say so. */
export function sendEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 });
  response.end();
}

export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const retryAfter = error instanceof EngineError ? error.retryAfter : undefined;
  const body = errorBody(error);
  sendJson(response, body.code, body, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}

/** @throws BadRequestError naming the fields that are wrong */
export async function readJson<T extends z.ZodType>(request: IncomingMessage, schema: T): Promise<z.infer<T>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // What is too much is read to its end but not kept: most clients look for an answer only then.
    if (length <= BODY_LIMIT) chunks.push(chunk);
    if (length > DRAIN_LIMIT) break;
  }
  if (length > BODY_LIMIT) throw new EngineError(413, `the request body is larger than ${BODY_LIMIT} bytes`);
  const text = Buffer.concat(chunks).toString('utf8');
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw new BadRequestError('the request body is not valid JSON');
  }
  return parse(schema, value);
}

export function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new BadRequestError(`invalid request: ${problems.join('; ')}`);
}
