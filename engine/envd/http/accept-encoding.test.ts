import { expect, it } from 'vitest';
import { acceptedEncoding } from './accept-encoding.ts';

it.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip', 'gzip'],
  ['GZIP;q=0.5', 'gzip'],
  ['gzip, deflate, br', 'identity'],
  ['gzip;q=0', 'identity'],
  ['br', 'identity'],
  ['gzip, identity;q=0', 'gzip'],
  ['*, identity;q=0', 'gzip'],
  ['gzip, *;q=0', 'gzip'],
])('%j is answered with %s', (header, encoding) => {
  expect(acceptedEncoding(header)).toBe(encoding);
});

it.each(['identity;q=0', 'br, *;q=0', 'gzip;q=0, *;q=0'])('%j cannot be answered', (header) => {
  expect(() => acceptedEncoding(header)).toThrowError(expect.objectContaining({ status: 406 }));
});

it('answers a part plain, or not at all', () => {
  expect(acceptedEncoding('gzip', true)).toBe('identity');
  expect(() => acceptedEncoding('gzip, identity;q=0', true)).toThrowError(expect.objectContaining({ status: 406 }));
});
