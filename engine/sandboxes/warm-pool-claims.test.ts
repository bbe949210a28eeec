import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build, input, pass, SETTLE_MS, setUp } from './testing-warm-pool.ts';
import { REFILL_DELAY_MS } from './warm-pool.ts';

describe('WarmPool with a spare on its way', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function filling(options: Parameters<typeof setUp>[0] = {}) {
    const parts = setUp(options);
    const held = Promise.withResolvers<void>();
    parts.host.hold = held.promise;
    parts.pool.used('app', build('b1'));
    await pass(REFILL_DELAY_MS);
    expect(parts.slots.busy).toBe(true);
    return { ...parts, held };
  }

  it('has one create of the same build wait for it', async () => {
    const { host, pool, held } = await filling();
    const taken = pool.take(build('b1'), input());
    expect(await pool.take(build('b1'), input())).toBeNull();
    expect(await pool.take(build('b2'), input())).toBeNull();
    expect(await pool.take(build('b1'), input({ allowInternetAccess: false }))).toBeNull();
    held.resolve();
    const sandbox = await taken;
    expect(sandbox?.record.id).toBe(host.launched[0]);
    expect(host.saved).toEqual([sandbox?.record]);
    expect(pool.count).toBe(0);
    await pass(SETTLE_MS * 2);
    expect([...host.frozen, ...host.discarded]).toEqual([]);
    host.hold = undefined;
    pool.used('app', build('b1'));
    await pass(REFILL_DELAY_MS);
    expect(host.launched).toHaveLength(2);
  });

  it('has the create start by itself when the launch fails', async () => {
    const { host, pool, held } = await filling();
    host.launchFails = true;
    const taken = pool.take(build('b1'), input());
    held.resolve();
    expect(await taken).toBeNull();
    expect(host.discarded).toHaveLength(1);
  });

  it('does not give up what a create waits for', async () => {
    const { pool, held } = await filling();
    const taken = pool.take(build('b1'), input());
    expect(await pool.giveUp()).toBe(false);
    held.resolve();
    expect(await taken).not.toBeNull();
  });

  it('leaves nothing of it when it is closed', async () => {
    const { host, pool } = await filling();
    const taken = pool.take(build('b1'), input());
    await pool.close();
    expect(await taken).toBeNull();
    expect([host.discarded.length, pool.count]).toEqual([1, 0]);
  });

  it('leaves nothing of it when it is closed as the launch ends', async () => {
    const { host, pool, held } = await filling();
    const taken = pool.take(build('b1'), input());
    held.resolve();
    for (let turns = 0; host.launched.length === 0 && turns < 20; turns += 1) await Promise.resolve();
    await pool.close();
    expect(await taken).toBeNull();
    expect([host.launched.length, host.saved.length, pool.count]).toEqual([1, 0, 0]);
    expect(host.discarded).toEqual(host.launched);
  });
});
