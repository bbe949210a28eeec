import { setTimeout as delay } from 'node:timers/promises';
import type { FrontSandbox, FrontServices, WakeResult } from './services.ts';

/** How long a request waits for a wake before it is told to come back. Milliseconds. */
export const WAKE_PATIENCE_MS = 4000;

export type Waker = (sandbox: FrontSandbox, reason: string) => Promise<WakeResult>;

/**
 * One wake per sandbox at a time, shared by all requests that wait for it. A wake goes on when the requests gave up, so
 * that the next one finds it done.
 */
export function createWaker(services: Pick<FrontServices, 'wake'>, patienceMs = WAKE_PATIENCE_MS): Waker {
  const running = new Map<string, Promise<WakeResult>>();
  return async (sandbox, reason) => {
    let wake = running.get(sandbox.id);
    if (!wake) {
      wake = services.wake(sandbox, reason).finally(() => running.delete(sandbox.id));
      // Requests may all have given up by the time it fails.
      wake.catch(() => {});
      running.set(sandbox.id, wake);
    }
    const patience = new AbortController();
    const late = delay(patienceMs, { retryAfterSeconds: 2 }, { signal: patience.signal }).catch(() => ({
      retryAfterSeconds: 2,
    }));
    try {
      return await Promise.race([wake, late]);
    } finally {
      patience.abort();
    }
  };
}
