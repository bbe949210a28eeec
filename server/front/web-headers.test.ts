import { expect, test } from 'vitest';
import { clientAddress, webRequestHeaders, webResponseHeaders } from './web-headers.ts';

const request = { publicUrl: 'https://cloud.example.com', remoteAddress: '203.0.113.7', requestId: 'request-1' };

test('pages learn our address from us and never from the visitor', () => {
  const headers = webRequestHeaders(
    {
      connection: 'keep-alive, x-drop',
      cookie: 'session=1',
      host: 'evil.example',
      'x-drop': '1',
      'x-forwarded-for': '1.1.1.1',
      'x-forwarded-host': 'evil.example',
      'x-middleware-subrequest': 'middleware',
      'x-real-ip': '1.1.1.1',
    },
    request,
  );
  expect(headers).toEqual({
    cookie: 'session=1',
    host: 'cloud.example.com',
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-host': 'cloud.example.com',
    'x-forwarded-proto': 'https',
    'x-request-id': 'request-1',
  });
});

test('a reverse proxy on this machine is believed about the last hop', () => {
  expect(clientAddress({ 'x-forwarded-for': 'spoofed, 198.51.100.4' }, '127.0.0.1')).toBe('198.51.100.4');
  expect(clientAddress({ 'x-forwarded-for': '198.51.100.4' }, '::1')).toBe('198.51.100.4');
  expect(clientAddress({ 'x-forwarded-for': '198.51.100.4' }, '203.0.113.7')).toBe('203.0.113.7');
  expect(clientAddress({}, '127.0.0.1')).toBe('127.0.0.1');
});

test('cookies of the pages pass, hop-by-hop headers do not', () => {
  const headers = webResponseHeaders({ 'set-cookie': ['a', 'b'], 'keep-alive': 'timeout=5', connection: 'close' }, 'r');
  expect(headers).toEqual({ 'set-cookie': ['a', 'b'], 'x-request-id': 'r' });
});
