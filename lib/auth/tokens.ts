import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';

/** Links carry 256 random bits; only the hash is kept, so that a copy of the database opens no door. */
export function newToken(context: Pick<Context, 'randomBytes'>): { token: string; hash: Buffer } {
  const token = context.randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token) };
}

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
