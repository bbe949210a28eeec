const LONGEST_MS = 30_000;

/** Wait before the next attempt: doubled after each failure up to half a minute, and spread. @param random 0 to 1 */
export function backoff(failures: number, random: number): number {
  const base = Math.min(500 * 2 ** Math.max(0, failures - 1), LONGEST_MS);
  return base / 2 + (base / 2) * random;
}

/** Waits, or less when hurried or aborted. `hurry` calls back when an attempt is worth it at once. */
export function pause(ms: number, signal: AbortSignal, hurry: (callback: () => void) => () => void): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    const stop = hurry(done);
    signal.addEventListener('abort', done);
  });
}
