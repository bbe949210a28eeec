import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `probe` again and again until it says true.
 * @returns false when `timeoutMs` passed before.
 */
export async function waitUntil(
  probe: () => boolean | Promise<boolean>,
  timeoutMs: number,
  intervalMs = 2,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await probe()) return true;
    if (signal?.aborted || performance.now() >= deadline) return false;
    await sleep(intervalMs);
  }
}
