import type { IncomingMessage } from 'node:http';
import { crypto } from '../late-modules.ts';
import { HttpError } from './errors.ts';

/**
 * Takes the same time for every wrong value of one length. Not Node's timingSafeEqual: loading `crypto` would be a tenth
 * of what a sandbox's first command waits for.
 */
function sameSecret(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  let difference = left.length ^ right.length;
  for (const [index, byte] of right.entries()) difference |= byte ^ (left[index] ?? 0);
  return difference === 0;
}

/** What E2B's clients read when a call lacks the token. */
const GENERAL = 'unauthorized access, please provide a valid access token or method signing if supported';

const unauthorized = (message: string) => new HttpError(401, message);

/**
 * The signature of a file URL, as the SDKs make it:
 * `v1_` + base64(sha256("path:operation:user:token[:expiry]")) without padding; expiry in unix seconds.
 */
export function signFile(
  token: string,
  file: { path: string; operation: 'read' | 'write'; user: string; expires?: string | undefined },
): string {
  const parts = [file.path, file.operation, file.user, token];
  if (file.expires) parts.push(file.expires);
  return `v1_${crypto().createHash('sha256').update(parts.join(':')).digest('base64').replace(/=+$/, '')}`;
}

/**
 * Every call but GET /health needs the sandbox's token, from inside the sandbox too: envd runs as root,
 * and processes without the right to sudo must not get it from here.
 * @throws HttpError 401
 */
export function authorize(request: IncomingMessage, url: URL, token: string, now: () => number): void {
  const header = request.headers['x-access-token'];
  if (typeof header === 'string' && header !== '') {
    if (sameSecret(header, token)) return;
    throw unauthorized(url.pathname === '/files' ? 'access token present in header but does not match' : GENERAL);
  }
  const signature = url.searchParams.get('signature');
  if (url.pathname !== '/files') throw unauthorized(GENERAL);
  if (signature === null) throw unauthorized('missing signature query parameter');
  checkSignature(request, url, token, signature, now);
}

function checkSignature(request: IncomingMessage, url: URL, token: string, signature: string, now: () => number): void {
  const expires = url.searchParams.get('signature_expiration') ?? undefined;
  const wanted = signFile(token, {
    path: url.searchParams.get('path') ?? '',
    operation: request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write',
    user: url.searchParams.get('username') ?? '',
    expires,
  });
  if (!sameSecret(signature, wanted)) throw unauthorized('invalid signature');
  if (expires !== undefined && !(Number(expires) >= Math.floor(now() / 1000))) {
    throw unauthorized('signature is already expired');
  }
}

/** The Linux user that an RPC names: the user part of Basic credentials; undefined when there are none. */
export function basicUser(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization;
  if (!header?.startsWith('Basic ')) return undefined;
  return Buffer.from(header.slice(6), 'base64').toString('utf8').split(':')[0] || undefined;
}
