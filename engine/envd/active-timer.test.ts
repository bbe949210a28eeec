import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { afterActive } from './active-timer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('fires after the time, in slices', () => {
  const action = vi.fn<() => void>();
  afterActive(2500, action);
  vi.advanceTimersByTime(2499);
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledOnce();
});

it('does not count the time in which the process was frozen', () => {
  const action = vi.fn<() => void>();
  afterActive(60_000, action);
  vi.advanceTimersByTime(10_000);
  // The clock went on for an hour; timers that are due fire once.
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(1000);
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(49_000);
  expect(action).toHaveBeenCalledOnce();
});

it('can be cancelled', () => {
  const action = vi.fn<() => void>();
  afterActive(1500, action)();
  vi.advanceTimersByTime(5000);
  expect(action).not.toHaveBeenCalled();
});

it('wakes the process once a second, however many wait', () => {
  const cancels = Array.from({ length: 100 }, () => {
    vi.advanceTimersByTime(7);
    return afterActive(60_000, () => {});
  });
  expect(vi.getTimerCount()).toBe(1);
  for (const cancel of cancels) cancel();
  expect(vi.getTimerCount()).toBe(0);
});

it('fires at its time, whenever the others began', () => {
  const ends: number[] = [];
  for (const later of [0, 300, 999]) {
    vi.advanceTimersByTime(later);
    const start = performance.now();
    afterActive(3400, () => ends.push(performance.now() - start));
  }
  vi.advanceTimersByTime(10_000);
  expect(ends).toEqual([3400, 3400, 3400]);
});
