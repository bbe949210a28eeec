import type { Logger } from 'pino';
import { isAlive } from '../runtime/process.ts';
import type { SandboxManager } from './manager.ts';
import type { Sandbox } from './sandbox.ts';

const INTERVAL_MS = 1000;
/** A sandbox whose first process ends more often than this in ten minutes rests until somebody resumes it. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 10 * 60_000;

/** Starts sandboxes again whose first process ended (out of memory, say). @returns a function that ends the watch. */
export function watchProcesses(manager: SandboxManager, log: Logger, now: () => number = Date.now): () => void {
  async function revive(sandbox: Sandbox): Promise<void> {
    sandbox.restarts = sandbox.restarts.filter((time) => time > now() - RESTART_WINDOW_MS);
    if (sandbox.restarts.length >= MAX_RESTARTS) {
      log.error({ sandbox: sandbox.id }, 'the processes of a sandbox keep ending: it is paused until it is resumed');
      return manager.rest(sandbox);
    }
    sandbox.restarts.push(now());
    log.warn({ sandbox: sandbox.id }, 'the processes of a sandbox ended');
    await manager.revive(sandbox);
  }

  const timer = setInterval(() => {
    for (const sandbox of manager.all()) {
      const { process, state } = sandbox.record;
      // Whoever changes the sandbox now may be the one who ends its processes.
      if (state !== 'running' || process === null || sandbox.mutex.busy || isAlive(process)) continue;
      revive(sandbox).catch((error: unknown) => {
        log.error({ sandbox: sandbox.id, err: error }, 'a sandbox could not be started again');
      });
    }
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
