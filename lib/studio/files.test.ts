import { expect, test } from 'vitest';
import { contentType, isCompressible, isImmutable } from './files.ts';

test('names that carry a hash may be kept for ever, others not', () => {
  expect(isImmutable('assets/main-BU75WpCq.js')).toBe(true);
  expect(isImmutable('assets/livekit-client.esm-CKIgC2IJ.js')).toBe(true);
  expect(isImmutable('index.html')).toBe(false);
  expect(isImmutable('companion.js')).toBe(false);
});

test('types by ending, never guessed', () => {
  expect(contentType('a/b.js')).toBe('text/javascript; charset=utf-8');
  expect(contentType('x.unknown')).toBe('application/octet-stream');
  expect([isCompressible('a.js'), isCompressible('a.woff2')]).toEqual([true, false]);
});
