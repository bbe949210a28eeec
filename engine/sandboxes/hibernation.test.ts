import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { testRecord } from '../testing/record.ts';
import { Hibernation, type HibernationParts } from './hibernation.ts';
import { Sandbox } from './sandbox.ts';

const PROCESS = { pid: 1, startTime: '1', bootId: 'b' };

function paused(id: string, pausedAt: number | undefined): Sandbox {
  return new Sandbox(testRecord({ id, state: 'paused', process: PROCESS, pausedAt }));
}

function world(list: Sandbox[], change: Partial<HibernationParts> = {}) {
  const stopped: string[] = [];
  const state = { failing: '', memoryMb: 10_000, now: 100_000, maxRunning: 20 };
  const hibernation = new Hibernation({
    sandboxes: new Map(list.map((sandbox) => [sandbox.id, sandbox])),
    transitions: {
      async hibernate(sandbox, reason) {
        await Promise.resolve();
        if (sandbox.id === state.failing) throw new Error('cannot be stopped');
        stopped.push(`${sandbox.id} ${reason}`);
        sandbox.record = { ...sandbox.record, process: null };
      },
    },
    freePlaces: () => state.maxRunning - list.filter(({ record }) => record.process !== null).length,
    maxRunning: state.maxRunning,
    availableMemoryMb: () => state.memoryMb,
    belowMemoryMb: 1000,
    afterSeconds: 0,
    log: pino({ level: 'silent' }),
    now: () => state.now,
    ...change,
  });
  return { hibernation, stopped, state };
}

describe('hibernation', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives the room of the longest-paused first, of records that do not tell before all', async () => {
    const running = new Sandbox(testRecord({ id: 'running', process: PROCESS }));
    const { hibernation, stopped } = world([
      paused('late', 30),
      running,
      paused('early', 20),
      paused('old', undefined),
    ]);
    while (await hibernation.giveUp());
    expect(stopped).toEqual(['old needed', 'early needed', 'late needed']);
  });

  it('leaves those alone that are being changed, and waits for one that is being stopped', async () => {
    const [resuming, other] = [paused('resuming', 1), paused('other', 2)];
    const { hibernation, stopped } = world([resuming, other]);
    let resumed = () => {};
    const change = resuming.mutex.run(() => new Promise<void>((resolve) => (resumed = resolve)));
    // Two callers at once: one sandbox gives way, both are told to look again.
    expect(await Promise.all([hibernation.giveUp(), hibernation.giveUp()])).toEqual([true, true]);
    expect(await hibernation.giveUp()).toBe(false);
    expect(stopped).toEqual(['other needed']);
    resumed();
    await change;
  });

  it('goes on with the next one when one cannot be stopped', async () => {
    const { hibernation, stopped, state } = world([paused('stuck', 1), paused('fine', 2)]);
    state.failing = 'stuck';
    expect(await hibernation.giveUp()).toBe(true);
    expect(await hibernation.giveUp()).toBe(false);
    state.failing = '';
    state.now += 60_001;
    expect(await hibernation.giveUp()).toBe(true);
    expect(stopped).toEqual(['fine needed', 'stuck needed']);
  });

  it('keeps some places free, some memory, and none paused for longer than was set', async () => {
    vi.useFakeTimers();
    const list = Array.from({ length: 20 }, (_, index) => paused(`s${index}`, 1000 * index));
    const { hibernation, stopped, state } = world(list, { afterSeconds: 300 });
    hibernation.start();
    await vi.advanceTimersByTimeAsync(2000);
    expect(stopped).toEqual(['s0 pressure', 's1 pressure']);
    state.now = 303_500;
    await vi.advanceTimersByTimeAsync(2000);
    expect(stopped.slice(2)).toEqual(['s2 age', 's3 age']);
    state.memoryMb = 999;
    await vi.advanceTimersByTimeAsync(2000);
    expect(stopped).toHaveLength(20);
    await hibernation.close();
    expect(await hibernation.giveUp()).toBe(false);
  });
});
