import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { headersFor, serverName, type Destination } from './destination.ts';
import { isUnreachable, brokenAnswer, portClosed, replyRaw } from './replies.ts';

const CONNECT_TIMEOUT_MS = 5000;

/** Joins a connection that asked for an upgrade (WebSocket) with a new one to the sandbox, byte for byte. */
export function forwardUpgrade(
  request: IncomingMessage,
  client: Socket,
  head: Buffer,
  sandbox: Sandbox,
  destination: Destination,
): void {
  const { address, port, tls, host } = destination;
  const plain = connect({ host: address, port, noDelay: true });
  const name = serverName(host ?? request.headers.host);
  const upstream = tls ? connectTls({ socket: plain, servername: name, rejectUnauthorized: false }) : plain;
  sandbox.track(plain);
  client.setNoDelay(true);
  let connected = false;
  const timer = setTimeout(
    () => upstream.destroy(Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' })),
    CONNECT_TIMEOUT_MS,
  );
  upstream.once(tls ? 'secureConnect' : 'connect', () => {
    connected = true;
    clearTimeout(timer);
    upstream.write(requestHead(request, destination));
    if (head.length > 0) upstream.write(head);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    if (!connected && client.writable) {
      replyRaw(request, client, isUnreachable(error) ? portClosed(sandbox.id, port) : brokenAnswer(sandbox.id, port));
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
function requestHead(request: IncomingMessage, destination: Destination): string {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  const headers = headersFor(request, request.rawHeaders, destination);
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (['e2b-traffic-access-token', 'x-api-key'].includes(name.toLowerCase())) continue;
    lines.push(`${name}: ${headers[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
