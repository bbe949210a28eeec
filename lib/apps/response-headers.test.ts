import { expect, test } from 'vitest';
import { appResponseHeaders } from './response-headers.ts';

test('an app keeps to its origin: no cookies, no CORS, no wider scope, no way out but a link', () => {
  const headers = appResponseHeaders(
    {
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=600',
      'content-security-policy': 'default-src *',
      'content-type': 'text/html',
      etag: '"e"',
      location: '/__shmastra/v1/export',
      refresh: '0; url=https://evil.example',
      'service-worker-allowed': '/',
      'set-cookie': ['a=1'],
    },
    'request-1',
  );
  expect(Object.keys(headers).filter((name) => /allow-origin|worker|cookie|location|refresh/.test(name))).toEqual([]);
  const policy = String(headers['content-security-policy']);
  for (const directive of ["frame-ancestors 'none'", "form-action 'self'", "default-src 'self'", "frame-src 'none'"]) {
    expect(policy).toContain(directive);
  }
  expect(policy).not.toMatch(/\*|https?:/);
  expect(headers).toMatchObject({
    'content-type': 'text/html',
    etag: '"e"',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'private, no-cache, no-transform',
    'x-request-id': 'request-1',
  });
});

test('redirects within the origin pass, and streams are not collected', () => {
  const headers = appResponseHeaders({ location: '/apps/shop/done', 'content-type': 'text/event-stream' }, 'r');
  expect(headers).toMatchObject({ location: '/apps/shop/done', 'x-accel-buffering': 'no' });
});
