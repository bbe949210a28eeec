import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { RunnerHealth, SandboxEngine } from './engine.ts';

export type WaitOptions = {
  /** Milliseconds until it is given up. */
  deadlineMs: number;
  signal: AbortSignal;
  /** Whether a server that cannot run the project's code is good enough: it answers, and says what is wrong. */
  acceptFailed?: boolean;
};

const FIRST_WAIT_MS = 25;
const MAX_WAIT_MS = 250;

/**
 * Waits until the runner says that it is ready. Throws `runner_failed` when it says that it cannot be, and
 * `health_timeout` at the deadline.
 */
export async function waitForHealth(
  engine: Pick<SandboxEngine, 'health'>,
  sandboxId: string,
  { deadlineMs, signal, acceptFailed = false }: WaitOptions,
): Promise<RunnerHealth> {
  const deadline = performance.now() + deadlineMs;
  let last: RunnerHealth | null = null;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(MAX_WAIT_MS, wait * 1.15)) {
    last = await engine.health(sandboxId, signal);
    if (last?.state === 'ready') return last;
    if (last?.state === 'failed') {
      if (acceptFailed) return last;
      throw new AppError(
        'runner_failed',
        `The server in the sandbox did not start: ${last.error ?? 'no reason given'}`,
      );
    }
    if (performance.now() + wait > deadline) break;
    await sleep(wait, undefined, { signal });
  }
  const seen = last ? `it still said "${last.state}"` : 'nothing answered';
  throw new AppError(
    'health_timeout',
    `The sandbox was not healthy after ${Math.round(deadlineMs / 1000)} s: ${seen}.`,
  );
}
