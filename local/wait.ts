import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until `done` says yes; false when the time is up. Errors of the signal's abort pass through. */
export async function waitUntil(
  done: () => boolean | Promise<boolean>,
  { withinMs, everyMs = 50, signal }: { withinMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    if (await done()) return true;
    if (Date.now() >= deadline) return false;
    await sleep(everyMs, undefined, { signal });
  }
}
