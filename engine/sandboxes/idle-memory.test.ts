import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testRecord } from '../testing/record.ts';
import { IdleMemory } from './idle-memory.ts';
import { Sandbox } from './sandbox.ts';

const PROCESS = { pid: 1, startTime: '1', bootId: 'b' };

describe('idle memory', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function world(afterSeconds = 60) {
    const paused = (id: string, pausedAt: number) =>
      new Sandbox(testRecord({ id, state: 'paused', process: PROCESS, pausedAt }));
    const list = [
      new Sandbox(testRecord({ id: 'running', process: PROCESS })),
      new Sandbox(testRecord({ id: 'stopped', state: 'paused', pausedAt: 0 })),
      paused('a', 900_000),
      paused('b', 950_000),
    ];
    const calls: string[] = [];
    const idle = new IdleMemory({
      sandboxes: new Map(list.map((sandbox) => [sandbox.id, sandbox])),
      machines: { cgroup: (id) => id },
      async reclaim(id, signal) {
        calls.push(id);
        // As long as the kernel needs for a big one.
        await new Promise((resolve) => {
          setTimeout(resolve, 5000);
          signal.addEventListener('abort', () => calls.push(`${id} ended`));
          signal.addEventListener('abort', resolve);
        });
      },
      usage: () => 0,
      afterSeconds,
      log: pino({ level: 'silent' }),
      now: Date.now,
    });
    return { idle, calls, list };
  }

  it('is taken back once per pause, one sandbox after the other, after a while', async () => {
    const { idle, calls, list } = world();
    idle.start();
    await vi.advanceTimersByTimeAsync(4000);
    expect(calls).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual(['a', 'b']);
    const [, , a] = list;
    if (a === undefined) throw new Error('no sandbox');
    a.record = { ...a.record, pausedAt: Date.now() };
    await vi.advanceTimersByTimeAsync(66_000);
    expect(calls).toEqual(['a', 'b', 'a']);
    await idle.close();
  });

  it('is left alone from the moment at which somebody needs the sandbox, and at the end', async () => {
    const { idle, calls, list } = world();
    idle.start();
    await vi.advanceTimersByTimeAsync(1000);
    list[2]?.disturb();
    await vi.advanceTimersByTimeAsync(10);
    expect(calls).toEqual(['a', 'a ended']);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(calls.at(-1)).toBe('b');
    await idle.close();
    expect(calls.at(-1)).toBe('b ended');
  });

  it('stays where it is when that was switched off', async () => {
    const { idle, calls } = world(0);
    idle.start();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(calls).toEqual([]);
  });
});
