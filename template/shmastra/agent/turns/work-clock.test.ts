import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkClock } from './work-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('counts work, not waiting', () => {
  const onLimit = vi.fn<() => void>();
  const clock = new WorkClock(1000, onLimit);
  vi.advanceTimersByTime(600);
  clock.pause();
  clock.pause();
  vi.advanceTimersByTime(3_600_000);
  clock.resume();
  vi.advanceTimersByTime(3_600_000);
  clock.resume();
  vi.advanceTimersByTime(300);
  expect(onLimit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(onLimit).toHaveBeenCalledTimes(1);
});

test('is silent once it is stopped', () => {
  const onLimit = vi.fn<() => void>();
  const clock = new WorkClock(1000, onLimit);
  clock.stop();
  clock.resume();
  vi.advanceTimersByTime(5000);
  expect(onLimit).not.toHaveBeenCalled();
});
