import { expect, it } from 'vitest';
import { safeReturnTo } from './return-to.ts';

it.each(['/', '/studio', '/studio/agents?tab=chat#last', '/invite?token=a%2Fb', '/a//b'])('keeps %j', (path) =>
  expect(safeReturnTo(path)).toBe(path),
);

it.each([
  null,
  undefined,
  '',
  'studio',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  ' /studio',
  '/%09/ /evil',
  'https://evil.example/',
  'javascript:alert(1)',
  '/..//evil.example',
  '/./../\u0000/evil',
  'data:text/html,x',
  '/\u007f/evil',
  `/${'a'.repeat(3000)}`,
])('refuses %j', (path) => expect(safeReturnTo(path)).toBe('/workspace'));

it('never leaves the origin, whatever a browser makes of it', () => {
  for (const path of ['/..//evil.example/x', '/.//evil.example', '/%2f%2fevil.example', '/@evil.example', '/:80']) {
    expect(new URL(safeReturnTo(path), 'https://here.example').origin).toBe('https://here.example');
  }
});
