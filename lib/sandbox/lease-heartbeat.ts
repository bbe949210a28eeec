import type { Context } from '../context.ts';
import { LeaseLostError } from './errors.ts';
import { leaseEnd, updateHeld } from './lease-write.ts';

type HeldLease = { sandbox: string; token: number; ttlMs: number };

/**
 * Renews a lease three times per validity. The signal aborts when somebody else took it, or when it could not be
 * renewed until its end, for example because Postgres is away: then nobody knows who holds it.
 */
export function keepLease(context: Context, { sandbox, token, ttlMs }: HeldLease) {
  const controller = new AbortController();
  const intervalMs = ttlMs / 3;
  let validUntil = performance.now() + ttlMs;
  let timer = setTimeout(beat, intervalMs);
  let expiry = setTimeout(lose, ttlMs);
  let stopped = false;

  function beat(): void {
    const started = performance.now();
    updateHeld(context.database.db, { sandbox, token }, { lease_expires_at: leaseEnd(ttlMs) })
      .executeTakeFirst()
      .then(
        ({ numUpdatedRows }) => (numUpdatedRows > 0 ? renewed(started) : lose()),
        () => schedule(Math.min(intervalMs, 500)),
      );
  }

  function renewed(started: number): void {
    validUntil = started + ttlMs;
    clearTimeout(expiry);
    if (stopped) return;
    expiry = setTimeout(lose, validUntil - performance.now());
    schedule(intervalMs);
  }

  function schedule(delayMs: number): void {
    if (!stopped && !controller.signal.aborted) timer = setTimeout(beat, delayMs);
  }

  function lose(): void {
    stop();
    controller.abort(new LeaseLostError());
  }

  function stop(): void {
    stopped = true;
    clearTimeout(timer);
    clearTimeout(expiry);
  }

  return { signal: controller.signal, stop };
}
