import { expect, test } from 'vitest';
import { MAX_TARGET_LENGTH, parseRequestPath, pathBelow } from './request-path.ts';

test.each([
  ['/', '/', ''],
  ['/api/agents?x=%2F..', '/api/agents', '?x=%2F..'],
  ['/a%20b/%C3%A4', '/a%20b/%C3%A4', ''],
  ['/models/gemini-2.5-pro:generateContent?alt=sse', '/models/gemini-2.5-pro:generateContent', '?alt=sse'],
  ['/a/.hidden/...', '/a/.hidden/...', ''],
  ['/a//b', '/a//b', ''],
])('accepts %s', (target, path, query) => {
  expect(parseRequestPath(target)).toEqual({ ok: true, path, query });
});

test.each([
  'http://other.example/',
  '*',
  '//evil.example/',
  '/\\evil.example',
  '/a/../b',
  '/a/./b',
  '/..',
  '/%2e%2e/x',
  '/%2E./x',
  '/.%2e',
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a%00b',
  '/a%252fb',
  '/a%25252Fb',
  '/%252e%252e/x',
  '/a\u0000b',
  '/a b',
  '/a\tb',
  '/a\r\nHost: evil',
  '/%zz',
  '/%ff%fe',
  '/a#b',
  '/a?b#c',
  `/${'a'.repeat(MAX_TARGET_LENGTH)}`,
])('refuses %j', (target) => {
  expect(parseRequestPath(target).ok).toBe(false);
});

test('knows what is below a prefix and what only begins like it', () => {
  expect(pathBelow('/api/mastra', '/api/mastra')).toBe('');
  expect(pathBelow('/api/mastra/api/agents', '/api/mastra')).toBe('/api/agents');
  expect(pathBelow('/api/mastra-admin', '/api/mastra')).toBeNull();
  expect(pathBelow('/api', '/api/mastra')).toBeNull();
});
