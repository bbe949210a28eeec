import type { ServerResponse } from 'node:http';
import { AppError, errorBody, errorStatus } from '../../lib/errors.ts';
import type { Refusal } from '../../lib/mastra-proxy/decide.ts';

const COMMON = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (res.headersSent || res.destroyed) return;
  const text = JSON.stringify(body);
  res.writeHead(status, {
    ...COMMON,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  res.end(res.req.method === 'HEAD' ? undefined : text);
}

/** An AppError as its JSON body and status; anything else as `internal`, without its text. */
export function sendError(res: ServerResponse, error: unknown, headers: Record<string, string> = {}): void {
  const retry = error instanceof AppError ? error.retryAfterSeconds : undefined;
  sendJson(res, errorStatus(error), errorBody(error), { ...retryAfter(retry), ...headers });
}

export function sendRefusal(res: ServerResponse, refusal: Refusal): void {
  const { code, message, next, sandboxStatus } = refusal;
  const error = next === undefined ? { code, message } : { code, message, next };
  const body = sandboxStatus === undefined ? { error } : { error, status: sandboxStatus };
  sendJson(res, refusal.httpStatus, body, retryAfter(refusal.retryAfterSeconds));
}

export function sendRedirect(
  res: ServerResponse,
  location: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(302, { ...COMMON, location, 'content-length': '0', ...headers });
  res.end();
}

function retryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}
