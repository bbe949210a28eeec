import type { Socket } from 'node:net';
import type { ServerResponse } from 'node:http';
import { sendJson } from '../api/http.ts';

export type ProxyError = { status: number; body: { sandboxId: string; message: string; code: number; port?: number } };

/** The very answers of E2B's proxy: the SDK and its users read them. */
export const sandboxNotFound = (sandboxId: string): ProxyError => ({
  status: 502,
  body: { sandboxId, message: 'The sandbox was not found', code: 502 },
});

export const portClosed = (sandboxId: string, port: number): ProxyError => ({
  status: 502,
  body: { sandboxId, message: 'The sandbox is running but port is not open', code: 502, port },
});

export const brokenAnswer = (sandboxId: string, port: number): ProxyError => ({
  status: 502,
  body: { sandboxId, message: 'The server in the sandbox closed the connection before it answered', code: 502, port },
});

export const tokenMissing = (sandboxId: string): ProxyError => ({
  status: 403,
  body: { sandboxId, message: 'The traffic access token is missing or wrong', code: 403 },
});

export function reply(response: ServerResponse, error: ProxyError): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, error.status, error.body);
}

/** The same, on a connection that asked for an upgrade. */
export function replyRaw(socket: Socket, error: ProxyError): void {
  const text = JSON.stringify(error.body);
  const reason = error.status === 403 ? 'Forbidden' : 'Bad Gateway';
  socket.end(
    `HTTP/1.1 ${error.status} ${reason}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}

/** Whether a connection failed because nothing listens there (or the sandbox has just gone). */
export function isUnreachable(error: NodeJS.ErrnoException): boolean {
  return ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'].includes(error.code ?? '');
}
