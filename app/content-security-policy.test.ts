import { expect, it } from 'vitest';

import { contentSecurityPolicy } from './content-security-policy.ts';

const directives = (development: boolean) =>
  new Map(
    contentSecurityPolicy('abc', { development })
      .split('; ')
      .map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)] as const),
  );

it('runs only scripts with the nonce and what they start', () => {
  expect(directives(false).get('script-src')).toBe(`'self' 'nonce-abc' 'strict-dynamic'`);
  expect([...directives(false).values()].join(' ')).not.toMatch(/unsafe-(inline|eval)|\*|https:/);
});

it('lets nobody frame our pages', () => {
  expect(directives(false).get('frame-ancestors')).toBe(`'none'`);
  expect(directives(false).get('base-uri')).toBe(`'none'`);
});

it('loosens only in development', () => {
  expect(directives(true).get('script-src')).toContain(`'unsafe-eval'`);
});
