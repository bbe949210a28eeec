import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Lease } from './lease.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('ends by itself, later if it is renewed, and once', () => {
  let ended = 0;
  const lease = new Lease(() => void ended++);
  lease.end();
  expect([lease.held, ended]).toEqual([false, 0]);
  lease.renew(10);
  vi.advanceTimersByTime(9000);
  lease.renew(10);
  vi.advanceTimersByTime(9000);
  expect([lease.held, ended]).toEqual([true, 0]);
  vi.advanceTimersByTime(2000);
  expect([lease.held, ended]).toEqual([false, 1]);
  lease.renew(10);
  lease.end();
  vi.advanceTimersByTime(20_000);
  expect(ended).toBe(2);
});
