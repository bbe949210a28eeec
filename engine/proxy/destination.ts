import type { IncomingMessage } from 'node:http';
import { isSecure } from '../api/public-address.ts';
import type { SandboxRecord } from '../state/record.ts';
import type { Target } from './target.ts';

/** Where a request goes to, and as what. */
export type Destination = {
  address: string;
  port: number;
  /** It is envd, which never closes an idle connection before the engine does. */
  envd: boolean;
  /** The server there speaks TLS; whatever certificate it has is taken. */
  tls: boolean;
  /** The Host that the server sees instead of the caller's. */
  host: string | null;
  /** Given to envd for callers that have none. */
  token: string | null;
};

/** envd is reached as it is: what a sandbox's ports are told means the user's own servers. */
export function destinationOf(
  record: Pick<SandboxRecord, 'network' | 'secure' | 'envdToken'>,
  address: string,
  { port, envd }: Target,
): Destination {
  const { maskRequestHost, httpsPorts } = envd ? {} : (record.network ?? {});
  return {
    address,
    port,
    envd,
    tls: httpsPorts?.includes(port) ?? false,
    host: maskRequestHost?.replaceAll('${PORT}', String(port)) ?? null,
    token: envd && record.secure === false ? record.envdToken : null,
  };
}

/** The name for TLS to ask for; an address is none. */
export function serverName(host: string | undefined): string {
  const name = (host ?? '').replace(/:\d+$/, '');
  return /^[\d.]+$|[[\]]/.test(name) ? '' : name;
}

/** Node's list of headers, as the server in the sandbox gets them. */
export function headersFor(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  headers: string[],
  { host, token }: Pick<Destination, 'host' | 'token'>,
): string[] {
  const masked = maskHost(headers, host);
  if (token !== null && request.headers['x-access-token'] === undefined) masked.push('X-Access-Token', token);
  // What stands before the cloud's sandboxes says so too; without it servers build http URLs and insecure cookies.
  const tellScheme = isSecure(request) && request.headers['x-forwarded-proto'] === undefined;
  return tellScheme ? [...masked, 'X-Forwarded-Proto', 'https'] : masked;
}

/** Puts the destination's Host in the place of the caller's, which goes into X-Forwarded-Host as with E2B. */
export function maskHost(headers: string[], host: string | null): string[] {
  if (host === null) return headers;
  const kept: string[] = [];
  let original = '';
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = '', value = ''] = [headers[index], headers[index + 1]];
    if (name.toLowerCase() === 'host') original ||= value;
    else if (name.toLowerCase() !== 'x-forwarded-host') kept.push(name, value);
  }
  return ['Host', host, 'X-Forwarded-Host', original, ...kept];
}
