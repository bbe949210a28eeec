import { afterEach, expect, test, vi } from 'vitest';
import { watchStream } from './open-streams.ts';
import type { FrontSandbox } from './services.ts';

afterEach(() => vi.useRealTimers());

const sandbox = { user_id: 'u1' } as FrontSandbox;

function setUp(access: () => Promise<boolean>, extendsIt = true) {
  vi.useFakeTimers();
  const extend = vi.fn<() => Promise<void>>(async () => {});
  const cut = vi.fn<() => void>();
  const watchers = new Set<() => void>();
  const onAccessChange = (_userId: string, onChange: () => void) => {
    watchers.add(onChange);
    return () => void watchers.delete(onChange);
  };
  const stream = watchStream({ onAccessChange, extend }, { sandbox, access, extends: extendsIt, cut });
  return { stream, extend, cut, watchers };
}

test('an open answer to a write keeps the sandbox awake as long as something moves', async () => {
  const { stream, extend } = setUp(async () => true);
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
  const { extend } = setUp(async () => true, false);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(extend).not.toHaveBeenCalled();
});

test('who lost access is cut off', async () => {
  const { cut } = setUp(async () => false);
  await vi.advanceTimersByTimeAsync(46_000);
  expect(cut).toHaveBeenCalled();
});

test('is looked at as soon as something about the access changed, until it is closed', async () => {
  const access = vi.fn<() => Promise<boolean>>(async () => true);
  const { cut, stream, watchers } = setUp(access);
  for (const changed of watchers) changed();
  await vi.advanceTimersByTimeAsync(0);
  expect([access.mock.calls.length, cut.mock.calls.length]).toEqual([1, 0]);
  access.mockResolvedValue(false);
  for (const changed of watchers) changed();
  await vi.advanceTimersByTimeAsync(0);
  expect(cut).toHaveBeenCalledOnce();
  stream.close();
  expect(watchers.size).toBe(0);
});

test('a database that is away for a moment cuts nobody off', async () => {
  const { cut } = setUp(async () => Promise.reject(new Error('connection terminated')));
  await vi.advanceTimersByTimeAsync(100_000);
  expect(cut).not.toHaveBeenCalled();
});
