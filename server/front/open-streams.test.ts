import { afterEach, expect, test, vi } from 'vitest';
import { watchStream } from './open-streams.ts';
import type { FrontSandbox } from './services.ts';

afterEach(() => vi.useRealTimers());

const sandbox = { user_id: 'u1' } as FrontSandbox;

function setUp(session: () => Promise<{ userId: string } | null>, extendsIt = true) {
  vi.useFakeTimers();
  const extend = vi.fn<() => Promise<void>>(async () => {});
  const cut = vi.fn<() => void>();
  const watch = { sandbox, cookie: 'c', extends: extendsIt, cut };
  const stream = watchStream({ verifySession: session, extend }, watch);
  return { stream, extend, cut };
}

test('an open answer to a write keeps the sandbox awake as long as something moves', async () => {
  const { stream, extend } = setUp(async () => ({ userId: 'u1' }));
  await vi.advanceTimersByTimeAsync(100_000);
  expect(extend).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(20 * 60_000);
  const silent = extend.mock.calls.length;
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(extend).toHaveBeenCalledTimes(silent);
  stream.touch();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(extend.mock.calls.length).toBeGreaterThan(silent);
  stream.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a stream that only reads does not keep it awake', async () => {
  const { extend } = setUp(async () => ({ userId: 'u1' }), false);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(extend).not.toHaveBeenCalled();
});

test('who lost access, or is somebody else now, is cut off', async () => {
  const gone = setUp(async () => null);
  await vi.advanceTimersByTimeAsync(46_000);
  expect(gone.cut).toHaveBeenCalled();
  const other = setUp(async () => ({ userId: 'u2' }));
  await vi.advanceTimersByTimeAsync(46_000);
  expect(other.cut).toHaveBeenCalled();
});

test('a database that is away for a moment cuts nobody off', async () => {
  const { cut } = setUp(async () => Promise.reject(new Error('connection terminated')));
  await vi.advanceTimersByTimeAsync(100_000);
  expect(cut).not.toHaveBeenCalled();
});
