import { expect, test } from 'vitest';
import { chooseEncoding } from './studio-files.ts';

test.each([
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['*', 'br'],
  ['identity', null],
  [undefined, null],
] as const)('Accept-Encoding %s gets %s', (header, encoding) => {
  expect(chooseEncoding(header, ['br', 'gzip'])).toBe(encoding);
});

test('gives none where none was made', () => {
  expect(chooseEncoding('br', [])).toBeNull();
});
