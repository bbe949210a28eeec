import type { ServerResponse } from 'node:http';

/** Answers with JSON of a known length. `retryAfter` is in seconds. */
export function sendJson(response: ServerResponse, status: number, body: unknown, retryAfter?: number): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  response.end(text);
}

export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  retryAfter?: number,
): void {
  sendJson(response, status, { error: { code, message } }, retryAfter);
}
