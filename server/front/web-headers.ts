import { connectionOptions, type HeaderBag } from '../../lib/mastra-proxy/request-headers.ts';

const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
// Set here alone; a visitor who could choose them would choose what our pages take for their own address.
const FORWARDING = /^(?:forwarded|x-forwarded-.*|x-real-ip|x-middleware-.*|x-original-.*|x-rewrite-.*)$/;
const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

export type WebRequest = { publicUrl: string; remoteAddress: string; requestId: string };

export function webRequestHeaders(from: HeaderBag, request: WebRequest): Record<string, string | string[]> {
  const named = connectionOptions(from['connection']);
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || HOP_BY_HOP.has(name) || named.has(name) || FORWARDING.test(name)) continue;
    headers[name] = value;
  }
  const own = new URL(request.publicUrl);
  headers['host'] = own.host;
  headers['x-forwarded-host'] = own.host;
  headers['x-forwarded-proto'] = own.protocol.slice(0, -1);
  headers['x-forwarded-for'] = clientAddress(from, request.remoteAddress);
  headers['x-request-id'] = request.requestId;
  return headers;
}

/** The visitor's address. A reverse proxy on this machine is believed about the last hop, nobody else about anything. */
export function clientAddress(from: HeaderBag, remoteAddress: string): string {
  const forwarded = from['x-forwarded-for'];
  if (!LOOPBACK.test(remoteAddress) || forwarded === undefined) return remoteAddress;
  const list = (typeof forwarded === 'string' ? forwarded : forwarded.join(',')).split(',');
  return list.at(-1)?.trim() || remoteAddress;
}

export function webResponseHeaders(from: HeaderBag, requestId: string): Record<string, string | string[]> {
  const named = connectionOptions(from['connection']);
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || HOP_BY_HOP.has(name) || named.has(name)) continue;
    headers[name] = value;
  }
  headers['x-request-id'] = requestId;
  return headers;
}
