import { expect, test } from 'vitest';
import { rewriteLocation } from './location.ts';
import { sandboxRequestHeaders } from './request-headers.ts';
import { browserResponseHeaders, isEventStream } from './response-headers.ts';

const set = { host: '4111-abc.sandbox.localhost', serverToken: 'token', requestId: 'request-1' };

test('towards the sandbox: an allow-list, with our host, token and request id', () => {
  const headers = sandboxRequestHeaders(
    {
      accept: 'application/json',
      authorization: 'Bearer visitor',
      connection: 'keep-alive, x-mastra-hop',
      cookie: 'session=1',
      forwarded: 'for=1.2.3.4',
      host: 'cloud.example.com',
      origin: 'https://cloud.example.com',
      referer: 'https://cloud.example.com/studio',
      'content-length': '2',
      'content-type': 'application/json',
      'proxy-authorization': 'Basic x',
      'sec-websocket-key': 'k',
      'transfer-encoding': 'chunked',
      'x-forwarded-for': '1.2.3.4',
      'x-mastra-client-type': 'studio',
      'x-mastra-hop': 'named by Connection',
      'x-request-id': 'mine',
    },
    set,
  );
  expect(headers).toEqual({
    accept: 'application/json',
    authorization: 'Bearer token',
    host: '4111-abc.sandbox.localhost',
    'content-length': '2',
    'content-type': 'application/json',
    'x-mastra-client-type': 'studio',
    'x-request-id': 'request-1',
  });
});

test('a socket keeps what the handshake needs', () => {
  const from = { 'sec-websocket-key': 'k', 'sec-websocket-version': '13', 'sec-websocket-protocol': ['a', 'b'] };
  expect(sandboxRequestHeaders(from, { ...set, upgrade: true })).toMatchObject({
    'sec-websocket-key': 'k',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'a, b',
  });
});

test('towards the browser: no cookies, no CORS, no orders to a proxy, and a document has no powers', () => {
  const headers = browserResponseHeaders(
    {
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=600',
      'clear-site-data': '"*"',
      connection: 'etag',
      'content-encoding': 'gzip',
      'content-security-policy': 'default-src *',
      'content-type': 'text/html',
      etag: '"dropped by Connection"',
      'keep-alive': 'timeout=5',
      location: '//evil.example',
      'service-worker-allowed': '/',
      'set-cookie': ['a=1', 'b=2'],
      'transfer-encoding': 'chunked',
      'www-authenticate': 'Basic',
      'x-accel-redirect': '/etc/passwd',
      'x-mastra-version': '1',
    },
    { requestId: 'request-1', mountPath: '/api/mastra' },
  );
  expect(headers).toEqual({
    'cache-control': 'private, no-cache, no-transform',
    'content-encoding': 'gzip',
    'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    'content-type': 'text/html',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-mastra-version': '1',
    'x-request-id': 'request-1',
  });
});

test('an event stream tells proxies not to collect it', () => {
  expect(isEventStream('Text/Event-Stream; charset=utf-8')).toBe(true);
  expect(isEventStream('text/plain')).toBe(false);
  const answer = browserResponseHeaders({ 'content-type': 'text/event-stream' }, { requestId: 'r', mountPath: '/m' });
  expect(answer['x-accel-buffering']).toBe('no');
});

test.each([
  ['/api/agents?x=1', '/api/mastra/api/agents?x=1'],
  ['https://evil.example/', null],
  ['//evil.example/', null],
  ['/\\evil.example', null],
  ['/\t/evil.example', null],
  ['javascript:alert(1)', null],
  ['relative', null],
  ['/a/../../studio', null],
  [undefined, null],
])('Location %j becomes %j', (location, rewritten) => {
  expect(rewriteLocation(location, '/api/mastra')).toBe(rewritten);
});
