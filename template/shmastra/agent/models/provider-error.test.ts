import { expect, test } from 'vitest';
import { describeProviderError, retryDelay } from './provider-error.ts';

const now = new Date('2026-05-01T10:00:00Z');
const call = (statusCode: number, responseHeaders = {}, responseBody = '') =>
  Object.assign(new Error('call'), { statusCode, responseHeaders, responseBody });

test.each([
  ['a rate limit', call(429, { 'retry-after': '30' }), { kind: 'rate_limit', retryAt: '2026-05-01T10:00:30.000Z' }],
  ['a budget of the gateway', call(429, {}, '{"error":{"code":"budget_exceeded"}}'), { kind: 'budget' }],
  ['a payment that is missing', call(402), { kind: 'budget' }],
  [
    'a revoked key',
    call(401),
    { kind: 'provider', message: expect.stringContaining('key of this workspace') as string },
  ],
  [
    'a server that fails',
    call(503),
    { kind: 'provider', message: expect.stringContaining('cannot be reached') as string },
  ],
  [
    'a bad request',
    call(400, {}, '{"error":{"message":"no such model"}}'),
    { message: expect.stringContaining('no such model') as string },
  ],
  [
    'no connection',
    new Error('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
    { kind: 'provider' },
  ],
  ['something else', new Error('odd'), { kind: 'error', message: 'The model call failed: odd' }],
])('tells %s in words', (_name, error, notice) => {
  expect(describeProviderError(error, now)).toMatchObject(notice);
});

test('finds the call in what wraps it', () => {
  const wrapped = new Error('gave up', { cause: Object.assign(new Error('retries'), { lastError: call(429) }) });
  expect(describeProviderError(wrapped).kind).toBe('rate_limit');
  const circular: { cause?: unknown } = {};
  circular.cause = circular;
  expect(describeProviderError(circular).kind).toBe('error');
});

test.each([
  [call(503), 1000],
  [call(503, { 'retry-after': '3' }), 3000],
  [call(503, { 'x-should-retry': 'false' }), undefined],
  [call(429, { 'retry-after': '60' }), undefined],
  [call(429, {}, 'insufficient_quota'), undefined],
  [call(400), undefined],
  [call(401), undefined],
  [new Error('socket hang up'), 1000],
  [new Error('odd'), undefined],
])('knows when another try is worth it', (error, expected) => {
  expect(retryDelay(error)).toBe(expected);
});
