import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

describe('Backoff', () => {
  it('waits ever longer, up to a limit', () => {
    const backoff = new Backoff(() => 0);
    expect(Array.from({ length: 9 }, () => backoff.next())).toEqual([
      0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
    expect(backoff.calm).toBe(false);
  });

  it('starts over after a calm minute or a change of the code', () => {
    let now = 0;
    const backoff = new Backoff(() => now);
    backoff.next();
    backoff.next();
    now += 60_001;
    expect(backoff.next()).toBe(0);
    expect(backoff.calm).toBe(true);
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(0);
  });

  it('ends a wait early when the cause may be gone', async () => {
    const backoff = new Backoff();
    const waiting = backoff.wait(60_000);
    backoff.reset();
    expect(await waiting).toBeUndefined();
  });
});
