import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

export function isSecure(request: Pick<IncomingMessage, 'socket'>): boolean {
  return request.socket instanceof TLSSocket;
}

/**
 * What a caller builds host names from. It fits the listener that the call came by: the port is part of it, unless it is
 * the scheme's own. A domain that was set with a port is taken as it is: then something stands before the engine.
 */
export function publicDomain(domain: string, request: Pick<IncomingMessage, 'socket'>): string {
  if (domain.includes(':')) return domain;
  const port = request.socket.localPort;
  return port === undefined || port === (isSecure(request) ? 443 : 80) ? domain : `${domain}:${port}`;
}
