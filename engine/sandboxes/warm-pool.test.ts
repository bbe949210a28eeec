import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BUSY_DELAY_MS, FAILURE_DELAY_MS } from './spare-pool.ts';
import { build, input, pass, SETTLE_MS, setUp } from './testing-warm-pool.ts';
import { BARE_REFILL_DELAY_MS, REFILL_DELAY_MS } from './warm-pool.ts';

describe('WarmPool', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function filled(options: Parameters<typeof setUp>[0] = {}) {
    const parts = setUp(options);
    parts.pool.used('app', build('b1'));
    await pass(REFILL_DELAY_MS);
    expect(parts.pool.count).toBe(1);
    return parts;
  }

  it('launches a spare some time after a create, and freezes it when it has settled', async () => {
    const { host, pool } = setUp();
    pool.used('app', build('b1'));
    await pass(REFILL_DELAY_MS - 1);
    expect(host.launched).toEqual([]);
    await pass(1);
    expect(host.launched).toHaveLength(1);
    expect(host.saved).toEqual([]);
    await pass(SETTLE_MS - 1);
    expect(host.frozen.size).toBe(0);
    await pass(1);
    expect([...host.frozen]).toEqual(host.launched);
    expect(host.remembered).toBe('b1');
    await pass(3600_000);
    expect(host.launched).toHaveLength(1);
  });

  it.each(['serve', undefined])('freezes one (start command: %s) only when it is warm', async (startCmd) => {
    const { host, pool } = setUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    host.warming = promise;
    host.current = build('b1', { startCmd });
    pool.used('app', host.current);
    await pass(REFILL_DELAY_MS + SETTLE_MS * 2);
    expect(host.warmed).toHaveLength(1);
    expect(host.frozen.size).toBe(0);
    resolve();
    await pass(0);
    expect([...host.frozen]).toEqual(host.launched);
  });

  it('makes it what create asked for', async () => {
    const { host, pool } = await filled();
    await pass(SETTLE_MS);
    const id = host.launched[0] ?? '';
    const asked = input({
      envVars: { MINE: '1' },
      metadata: { owner: 'a' },
      allowPublicTraffic: false,
      autoResume: true,
    });
    const sandbox = await pool.take(build('b1'), asked);
    expect(sandbox?.record).toMatchObject({
      ...{ id, state: 'running', metadata: { owner: 'a' }, autoResume: true, templateID: 't1' },
      ...{ envVars: { FROM: 'template', MINE: '1' }, trafficToken: expect.any(String), endAt: Date.now() + 60_000 },
    });
    expect(host.saved).toEqual([sandbox?.record]);
    expect(host.frozen.size).toBe(0);
    expect(host.inits).toEqual([
      {
        envVars: { FROM: 'template', MINE: '1', E2B_SANDBOX: 'true', E2B_SANDBOX_ID: id, E2B_TEMPLATE_ID: 't1' },
        defaultUser: 'user',
      },
    ]);
    await pool.close();
    await pass(SETTLE_MS * 2);
    expect(host.frozen.size).toBe(0);
    expect(host.discarded).toEqual([]);
  });

  it('takes one that has not settled, and leaves it running', async () => {
    const { host, pool } = await filled();
    expect(host.warmed.map(({ aborted }) => aborted)).toEqual([false]);
    expect(await pool.take(build('b1'), input())).not.toBeNull();
    expect(host.warmed.map(({ aborted }) => aborted)).toEqual([true]);
    await pass(SETTLE_MS * 2);
    expect(host.frozen).not.toContain(host.launched[0]);
  });

  it('gives one spare to one of two creates at once', async () => {
    const { pool } = await filled();
    const both = await Promise.all([pool.take(build('b1'), input()), pool.take(build('b1'), input())]);
    expect(both.filter((sandbox) => sandbox !== null)).toHaveLength(1);
  });

  it('has nothing for another build or for a sandbox without internet access', async () => {
    const { pool } = await filled();
    expect(await pool.take(build('b2'), input())).toBeNull();
    expect(await pool.take(build('b1'), input({ allowInternetAccess: false }))).toBeNull();
    expect(pool.count).toBe(1);
  });

  it('destroys one that does not answer', async () => {
    const { host, pool, addresses } = await filled();
    host.healthy = false;
    expect(await pool.take(build('b1'), input())).toBeNull();
    expect(host.discarded).toEqual(host.launched);
    expect(host.saved).toEqual([]);
    expect(addresses.reserve(2)).toBe(true);
  });

  it('drops spares of a former build at the next create, and of a template that is gone', async () => {
    const { host, pool } = await filled();
    host.current = build('b2');
    pool.used('app', build('b2'));
    await pass(REFILL_DELAY_MS);
    expect(host.discarded).toEqual(host.launched.slice(0, 1));
    expect(pool.spares().map(({ record }) => record.buildID)).toEqual(['b2']);
    host.current = null;
    pool.refresh();
    await pass(0);
    expect(pool.count).toBe(0);
    expect(host.discarded).toEqual(host.launched);
  });

  it('waits for template builds and other starts, and renews itself after a build', async () => {
    const { host, pool, slots } = setUp();
    host.building = true;
    pool.used('app', build('b1'));
    await pass(REFILL_DELAY_MS + 10 * BUSY_DELAY_MS);
    expect(host.launched).toEqual([]);
    const other = Promise.withResolvers<void>();
    const start = slots.run(() => other.promise);
    host.building = false;
    await pass(10 * BUSY_DELAY_MS);
    expect(host.launched).toEqual([]);
    other.resolve();
    await start;
    await pass(BUSY_DELAY_MS);
    expect(host.launched).toHaveLength(1);

    host.building = true;
    pool.refresh();
    await pass(BUSY_DELAY_MS);
    [host.building, host.current] = [false, build('b2')];
    await pass(BUSY_DELAY_MS);
    expect(pool.spares().map(({ record }) => record.buildID)).toEqual(['b2']);
  });

  it('gives way to a start when the machine is full, also while a spare is being launched', async () => {
    const { host, slots, sandboxes, pool } = await filled({ maxRunning: 1 });
    await slots.run(async () => void sandboxes.push('one'));
    expect(pool.count).toBe(0);
    expect(host.discarded).toEqual(host.launched);
    await expect(slots.run(async () => {})).rejects.toThrow('as it may');
    await pass(FAILURE_DELAY_MS * 2);
    expect(host.launched).toHaveLength(1);

    sandboxes.pop();
    host.hold = new Promise(() => {});
    pool.used('app', build('b1'));
    await pass(REFILL_DELAY_MS);
    expect(slots.busy).toBe(true);
    await slots.run(async () => void sandboxes.push('two'));
    expect(slots.busy).toBe(false);
  });

  it('gives up its addresses, and is not launched when memory is short', async () => {
    const { host, pool } = await filled();
    const indexes = [];
    for (let index; (index = await pool.takeAddress()) !== null;) indexes.push(index);
    expect(indexes).toHaveLength(5);
    expect(pool.count).toBe(0);
    const other = setUp();
    other.host.availableMb = 700;
    other.pool.used('app', build('b1'));
    await pass(FAILURE_DELAY_MS);
    expect(other.host.launched).toEqual([]);
    other.host.availableMb = 800;
    await pass(FAILURE_DELAY_MS);
    expect(other.host.launched).toHaveLength(1);
    await pool.close();
    expect(host.launched).toHaveLength(1);
  });

  it('tries again a while after a failure', async () => {
    const { host, pool, addresses } = setUp();
    host.launchFails = true;
    pool.used('app', build('b1'));
    await pass(REFILL_DELAY_MS);
    expect(host.discarded).toHaveLength(1);
    expect(addresses.reserve(2)).toBe(true);
    host.launchFails = false;
    await pass(FAILURE_DELAY_MS);
    expect(pool.count).toBe(1);
  });

  it('starts with the template that was used last', async () => {
    const { host, pool } = setUp({ remembered: 'b0', size: 2 });
    await pool.start();
    await pass(REFILL_DELAY_MS);
    expect(host.launched).toHaveLength(1);
    await pass(SETTLE_MS);
    expect(pool.spares().map(({ record }) => record.buildID)).toEqual(['b1', 'b1']);
    await pool.close();
    expect(host.discarded).toHaveLength(2);
    await pass(FAILURE_DELAY_MS);
    expect(host.launched).toHaveLength(2);
  });

  it.each([
    { before: undefined, launched: 1 },
    { before: 'b0', launched: 0 },
  ])('begins with the template that is there ($before used before: $launched)', async ({ before, launched }) => {
    const { host, pool } = setUp(before === undefined ? {} : { remembered: before });
    host.current = build('c1', { startCmd: undefined });
    host.firstTemplate = 'base';
    await pool.start();
    await pass(BARE_REFILL_DELAY_MS);
    expect(host.launched).toHaveLength(launched);
    // Nobody has used it: the next start does not remember it.
    expect(host.rememberedBare).toBe(null);
    await pass(REFILL_DELAY_MS);
    expect(pool.count).toBe(launched);
    await pool.close();
  });

  it('keeps the spares of a template without a start command apart, freezes them at once and is soon back', async () => {
    const { host, pool } = await filled();
    const bare = build('c1', { startCmd: undefined });
    host.current = bare;
    pool.used('small', bare);
    await pass(BARE_REFILL_DELAY_MS - 1);
    expect(host.launched).toHaveLength(1);
    await pass(2);
    expect(host.launched).toHaveLength(2);
    expect([...host.frozen]).toEqual(host.launched.slice(1));
    expect([host.remembered, host.rememberedBare]).toEqual(['b1', 'c1']);
    expect(pool.spares().map(({ record }) => record.buildID)).toEqual(['c1', 'b1']);
    expect((await pool.take(bare, input()))?.record.id).toBe(host.launched[1]);
    expect((await pool.take(build('b1'), input()))?.record.id).toBe(host.launched[0]);
  });

  it('gives up spares without a start command first', async () => {
    const { host, pool } = await filled();
    const bare = build('c1', { startCmd: undefined });
    host.current = bare;
    pool.used('small', bare);
    await pass(BARE_REFILL_DELAY_MS);
    expect(await pool.giveUp()).toBe(true);
    expect(host.discarded).toEqual(host.launched.slice(1));
    expect(await pool.giveUp()).toBe(true);
    expect(host.discarded).toEqual(host.launched.toReversed());
    expect(await pool.giveUp()).toBe(false);
  });

  it('does nothing when it is off', async () => {
    const off = setUp({ size: 0, remembered: 'b1' });
    await off.pool.start();
    off.pool.used('app', build('b1'));
    off.pool.used('small', build('c1', { startCmd: undefined }));
    await pass(FAILURE_DELAY_MS);
    expect(off.host.launched).toEqual([]);
    expect(await off.pool.take(build('b1'), input())).toBeNull();
  });
});
