import { expect, test } from 'vitest';
import { chooseEncoding } from './static-file.ts';

const both = { br: Buffer.of(), gzip: Buffer.of() };

test.each([
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['*', 'br'],
  ['identity', null],
  [undefined, null],
] as const)('Accept-Encoding %s gets %s', (header, encoding) => {
  expect(chooseEncoding(header, both)).toBe(encoding);
});

test('gives none where none was made', () => {
  expect(chooseEncoding('br', {})).toBeNull();
});
