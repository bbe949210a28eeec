import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorPage, wantsPage } from './error-page.ts';

export type ProxyError = {
  status: number;
  body: { message: string; code: number; sandboxId?: string; port?: number; path?: string };
  /** What a browser shows. */
  title: string;
  text?: string;
};

const TOKEN_HEADER = 'e2b-traffic-access-token';

/** The very answers of E2B's proxy: the SDK and its users read them. */
export const sandboxNotFound = (sandboxId: string): ProxyError => ({
  status: 502,
  body: { sandboxId, message: 'The sandbox was not found', code: 502 },
  title: 'Sandbox Not Found',
  text: `The sandbox ${sandboxId} was not found: it does not exist, does not run now, or has ended.`,
});

export const portClosed = (sandboxId: string, port: number): ProxyError => ({
  status: 502,
  body: { sandboxId, message: 'The sandbox is running but port is not open', code: 502, port },
  title: 'Closed Port Error',
  text: `The sandbox ${sandboxId} is running but there's no service running on port ${port}.`,
});

export const brokenAnswer = (sandboxId: string, port: number): ProxyError => ({
  status: 502,
  body: { sandboxId, message: 'The server in the sandbox closed the connection before it answered', code: 502, port },
  title: 'No Answer',
});

export const tokenMissing = (sandboxId: string): ProxyError => ({
  status: 403,
  body: {
    sandboxId,
    message: `Sandbox is secured with traffic access token. Token header '${TOKEN_HEADER}' is missing`,
    code: 403,
  },
  title: 'Missing Traffic Access Token',
  text: `The sandbox ${sandboxId} answers only to requests with the header ${TOKEN_HEADER}.`,
});

export const tokenInvalid = (sandboxId: string): ProxyError => ({
  status: 403,
  body: {
    sandboxId,
    message: `Sandbox is secured with traffic access token. Provided token in header '${TOKEN_HEADER}' is invalid`,
    code: 403,
  },
  title: 'Invalid Traffic Access Token',
  text: `The sandbox ${sandboxId} does not know the token in the header ${TOKEN_HEADER}.`,
});

/** Routes of envd that only the engine calls, at the sandbox's own address. */
export const internalRoute = (path: string): ProxyError => ({
  status: 404,
  body: {
    message: 'This endpoint is reserved for the engine and is not reachable through the sandbox URL',
    path,
    code: 404,
  },
  title: 'Reserved Endpoint',
});

/** Why the sandbox cannot be woken now; Retry-After says when to try again. */
export const notNow = (sandboxId: string, message: string): ProxyError => ({
  status: 503,
  body: { sandboxId, message, code: 503 },
  title: 'Sandbox Not Ready',
});

export function reply(request: IncomingMessage, response: ServerResponse, error: ProxyError): void {
  if (response.headersSent) return void response.destroy();
  const { type, text } = contentOf(request, error);
  response.writeHead(error.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    ...(error.status === 503 ? { 'retry-after': '1' } : {}),
  });
  response.end(text);
}

/** The same, on a connection that asked for an upgrade. */
export function replyRaw(request: IncomingMessage, socket: Socket, error: ProxyError): void {
  const { type, text } = contentOf(request, error);
  const reason = { 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' }[error.status] ?? 'Bad Gateway';
  socket.end(
    `HTTP/1.1 ${error.status} ${reason}\r\ncontent-type: ${type}\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}

function contentOf(request: IncomingMessage, error: ProxyError): { type: string; text: string } {
  if (!wantsPage(request)) return { type: 'application/json; charset=utf-8', text: JSON.stringify(error.body) };
  const page = { title: error.title, text: error.text ?? error.body.message, host: request.headers.host ?? '' };
  return { type: 'text/html; charset=utf-8', text: errorPage(page) };
}

/** Whether a connection failed because nothing listens there (or the sandbox has just gone). */
export function isUnreachable(error: NodeJS.ErrnoException): boolean {
  return ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'].includes(error.code ?? '');
}
