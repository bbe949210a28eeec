import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { isUnreachable, brokenAnswer, portClosed, replyRaw } from './replies.ts';

const CONNECT_TIMEOUT_MS = 5000;

/** Joins a connection that asked for an upgrade (WebSocket) with a new one to the sandbox, byte for byte. */
export function forwardUpgrade(
  request: IncomingMessage,
  client: Socket,
  head: Buffer,
  sandbox: Sandbox,
  address: string,
  port: number,
): void {
  const upstream = connect({ host: address, port, noDelay: true });
  sandbox.track(upstream);
  client.setNoDelay(true);
  let connected = false;
  const timer = setTimeout(
    () => upstream.destroy(Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' })),
    CONNECT_TIMEOUT_MS,
  );
  upstream.once('connect', () => {
    connected = true;
    clearTimeout(timer);
    upstream.write(requestHead(request));
    if (head.length > 0) upstream.write(head);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    if (!connected && client.writable) {
      replyRaw(client, isUnreachable(error) ? portClosed(sandbox.id, port) : brokenAnswer(sandbox.id, port));
    }
  });
  upstream.on('close', () => {
    clearTimeout(timer);
    if (connected) client.destroy();
  });
  client.on('error', () => upstream.destroy());
  client.on('close', () => upstream.destroy());
}

/** The head of the request as it came, without what was for the engine. */
function requestHead(request: IncomingMessage): string {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    if (['e2b-traffic-access-token', 'x-api-key'].includes(name.toLowerCase())) continue;
    lines.push(`${name}: ${request.rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
