import { describe, expect, it, vi } from 'vitest';
import { report } from './report.ts';

const environment = {
  SANDBOX_CONTROL_URL: 'http://control',
  VIRTUAL_KEY: 'vk_1',
  SANDBOX_ID: 'sandbox',
  SANDBOX_EPOCH: '4',
};
const diagnosis = { state: 'failed', cause: 'broken' } as const;

function reporter(statuses: number[]) {
  const fetch = vi.fn<() => Promise<Response>>(async () => {
    const status = statuses.shift() ?? 0;
    if (status === 0) throw new TypeError('fetch failed');
    return new Response(null, { status });
  });
  const waits: number[] = [];
  return { fetch, waits, wait: async (ms: number) => void waits.push(ms), log: () => {} };
}

describe('report', () => {
  it('sends the state with what tells it from a stale report', async () => {
    const parts = reporter([204]);
    expect(await report(diagnosis, 2, environment, parts)).toBe(true);
    const [url, init] = parts.fetch.mock.calls[0] as unknown as [string, RequestInit];
    expect(url).toBe('http://control/api/sandbox/heal');
    expect(new Headers(init.headers).get('authorization')).toBe('Bearer vk_1');
    expect(JSON.parse(String(init.body))).toEqual({
      sandboxId: 'sandbox',
      epoch: 4,
      attempt: 2,
      state: 'failed',
      cause: 'broken',
    });
    expect(init.redirect).toBe('manual');
  });

  it('tries again a few times when nobody answers', async () => {
    const parts = reporter([0, 503, 429, 204]);
    expect(await report(diagnosis, 1, environment, parts)).toBe(true);
    expect(parts.waits).toEqual([1000, 4000, 16_000]);
    const never = reporter([]);
    expect(await report(diagnosis, 1, environment, never)).toBe(false);
    expect(never.fetch).toHaveBeenCalledTimes(4);
  });

  it('gives up at once when the report is not wanted', async () => {
    for (const status of [401, 404, 409]) {
      const parts = reporter([status]);
      expect(await report(diagnosis, 1, environment, parts)).toBe(false);
      expect(parts.fetch).toHaveBeenCalledTimes(1);
    }
  });

  it('keeps quiet without an environment', async () => {
    const parts = reporter([]);
    expect(await report(diagnosis, 1, {}, parts)).toBe(false);
    expect(parts.fetch).not.toHaveBeenCalled();
  });
});
