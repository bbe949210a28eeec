import { expect, test } from 'vitest';
import { isAppName, keepAppsLocation, readAppsPath } from './path.ts';

test.each([
  ['/apps/shop/', 'app'],
  ['/apps/shop/assets/main.js', 'app'],
  ['/apps/shop', 'bare_app'],
  ['/api/agents/hello/generate', 'api'],
  ['/enter', 'enter'],
  ['/', 'nothing'],
  ['/apps', 'nothing'],
  ['/apps/', 'nothing'],
  ['/apps//x', 'nothing'],
  ['/apps/.hidden/x', 'nothing'],
  ['/apps/sw.js', 'nothing'],
  ['/api', 'nothing'],
  ['/API/agents', 'nothing'],
  ['/health', 'nothing'],
  ['/__shmastra/v1/env', 'nothing'],
  ['/studio/agents', 'nothing'],
])('%s is %s', (path, kind) => expect(readAppsPath(path).kind).toBe(kind));

test('an app without its slash is sent to its own folder', () => {
  expect(readAppsPath('/apps/shop')).toEqual({ kind: 'bare_app', location: '/apps/shop/' });
});

test.each(['shop', 'Shop-2_b', 'a'.repeat(64)])('%s is a name', (name) => expect(isAppName(name)).toBe(true));
test.each(['', '../x', '-a', 'a.b', 'a/b', 'a b', 'a'.repeat(65), 'ä'])('%j is no name', (name) =>
  expect(isAppName(name)).toBe(false),
);

test.each([
  ['/apps/shop/done?x=1', '/apps/shop/done?x=1'],
  ['/api/agents', '/api/agents'],
  ['/__shmastra/v1/export', null],
  ['/apps/shop/../../health', null],
  ['https://elsewhere.example/', null],
  ['//elsewhere.example/', null],
  [undefined, null],
])('a redirect to %s becomes %s', (location, kept) => expect(keepAppsLocation(location)).toBe(kept));
