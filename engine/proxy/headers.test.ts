import { describe, expect, it } from 'vitest';
import { passHeaders } from './headers.ts';

describe('passHeaders', () => {
  it('keeps order, case and repeated headers', () => {
    expect(passHeaders(['X-A', '1', 'x-a', '2', 'Host', 'h'], undefined)).toEqual([
      'X-A',
      '1',
      'x-a',
      '2',
      'Host',
      'h',
    ]);
  });
  it('drops what belongs to the connection, listed ones included', () => {
    const raw = [
      'Connection',
      'keep-alive, X-Hop',
      'Keep-Alive',
      '5',
      'X-Hop',
      '1',
      'Transfer-Encoding',
      'chunked',
      'Upgrade',
      'h2c',
      'Accept',
      '*',
    ];
    expect(passHeaders(raw, 'keep-alive, X-Hop')).toEqual(['Accept', '*']);
  });
  it('drops the engine’s credentials on the way in', () => {
    expect(passHeaders(['X-API-KEY', 's', 'E2b-Traffic-Access-Token', 't', 'Cookie', 'c'], undefined)).toEqual([
      'Cookie',
      'c',
    ]);
    expect(passHeaders(['X-API-KEY', 's'], undefined, new Set())).toEqual(['X-API-KEY', 's']);
  });
  it('does not let the connection header cut the length off', () => {
    expect(passHeaders(['Content-Length', '5'], 'content-length')).toEqual(['Content-Length', '5']);
  });
});
