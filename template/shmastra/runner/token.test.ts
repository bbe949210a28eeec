import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { hasToken } from './token.ts';

const requestWith = (authorization?: string) => ({ headers: { authorization } }) as IncomingMessage;

describe('hasToken', () => {
  it('accepts the token only as a bearer token', () => {
    expect(hasToken(requestWith('Bearer abc'), 'abc')).toBe(true);
    const wrong = [undefined, '', 'abc', 'Bearer ', 'Bearer abcd', 'Bearer ab', 'Basic abc', 'bearer abc'];
    expect(wrong.filter((header) => hasToken(requestWith(header), 'abc'))).toEqual([]);
  });

  it('accepts nobody while there is no token', () => {
    expect(hasToken(requestWith('Bearer undefined'), undefined)).toBe(false);
    expect(hasToken(requestWith('Bearer '), '')).toBe(false);
  });
});
