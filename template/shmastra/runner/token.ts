import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whether a request carries the server token. Takes the same time whatever the caller sent. */
export function hasToken(request: IncomingMessage, token: string | undefined): boolean {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined || token === '' || given === undefined) return false;
  return timingSafeEqual(digest(given), digest(token));
}

// Equal lengths are what timingSafeEqual needs; hashing gives them without telling the token's length.
const digest = (text: string) => createHash('sha256').update(text).digest();
