import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';

import { callApi } from './call.ts';

const answering = (status: number, body: string, headers: Record<string, string> = {}) =>
  (async () => new Response(body, { status, headers })) as typeof fetch;
const next = z.object({ next: z.string() });

describe('callApi', () => {
  it('hands over what the route answered', async () => {
    const result = await callApi('POST', '/x', next, {}, answering(200, '{"next":"/workspace"}'));
    expect(result).toEqual({ ok: true, value: { next: '/workspace' } });
  });

  it('keeps code, message, next step and the wait of a rate limit', async () => {
    const body = '{"error":{"code":"rate_limited","message":"Too many attempts.","next":"Wait."}}';
    const result = await callApi('POST', '/x', next, {}, answering(429, body, { 'retry-after': '24' }));
    expect(result).toEqual({
      ok: false,
      error: { code: 'rate_limited', message: 'Too many attempts.', next: 'Wait.', retryAfterSeconds: 24 },
    });
  });

  it('says something useful when an answer is no JSON of ours', async () => {
    const result = await callApi('POST', '/x', next, {}, answering(502, '<html>bad gateway</html>'));
    expect(result).toMatchObject({ ok: false, error: { code: 'http_502', next: 'Try again in a moment.' } });
  });

  it('treats an answer of the wrong shape like no answer', async () => {
    const result = await callApi('POST', '/x', next, {}, answering(200, '{"nope":1}'));
    expect(result).toMatchObject({ ok: false, error: { code: 'no_answer' } });
  });

  it('does not throw when the connection is lost', async () => {
    const lost = (async () => Promise.reject(new TypeError('failed'))) as typeof fetch;
    expect(await callApi('POST', '/x', next, {}, lost)).toMatchObject({ ok: false, error: { code: 'no_answer' } });
  });
});
