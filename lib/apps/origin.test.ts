import { expect, test } from 'vitest';
import { appsAreReachable, appsLabel, appsOrigin, readAppsHost } from './origin.ts';

const authSecret = 'a secret of the tests that is long enough';
const row = '0b54c5ba-6d5f-4f0e-9a3a-0a7f5bbd3c11';

test('a sandbox has one label, which tells nothing about it and fits a host name', () => {
  const label = appsLabel({ authSecret }, row);
  expect(label).toMatch(/^[0-9a-f]{32}$/);
  expect(appsLabel({ authSecret }, row)).toBe(label);
  expect(appsLabel({ authSecret }, row.replace('0b', '0c'))).not.toBe(label);
  expect(appsLabel({ authSecret: `${authSecret}!` }, row)).not.toBe(label);
});

test.each([
  ['http://localhost:3000', 'apps.localhost', 'http://abc.apps.localhost:3000'],
  ['https://studio.example.com', 'apps.example.net', 'https://abc.apps.example.net'],
])('people at %s find apps below %s', (publicUrl, appsDomain, origin) => {
  expect(appsOrigin({ publicUrl, appsDomain }, 'abc')).toBe(origin);
});

test.each([
  ['http://localhost:3000', 'apps.localhost', true],
  ['http://127.0.0.1:3000', 'apps.localhost', true],
  ['https://studio.example.com', 'apps.example.net', true],
  ['https://studio.example.com', 'apps.localhost', false],
])('%s with %s: apps can be reached: %s', (publicUrl, appsDomain, reachable) => {
  expect(appsAreReachable({ publicUrl, appsDomain })).toBe(reachable);
});

const label = 'a'.repeat(32);

test.each([
  [`${label}.apps.localhost:3000`, { label }],
  [`${label.toUpperCase()}.Apps.Localhost.`, { label }],
  ['apps.localhost', { label: null }],
  [`x.${label}.apps.localhost`, { label: null }],
  ['admin.apps.localhost', { label: null }],
  ['.apps.localhost', { label: null }],
  ['localhost:3000', null],
  ['evilapps.localhost', null],
  ['apps.localhost.evil.example', null],
  [undefined, null],
])('the host %s names %j', (host, expected) => {
  expect(readAppsHost(host, 'apps.localhost')).toEqual(expected);
});
