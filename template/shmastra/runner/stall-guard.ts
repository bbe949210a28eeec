import type { AppProcess, LoadOutcome } from './app-process.ts';
import type { Bundle } from './bundler.ts';
import { availableMb } from './memory.ts';

/**
 * Loading a saved file keeps the process busy for some 20 ms, on a crowded machine for ten times as long. After this
 * another one is made ready, just in case.
 */
const SUSPICIOUS_MS = 400;
/** Soonest that a process is ended which does not let go. Later if the other one is not ready yet. */
const STUCK_MS = 1000;
/** Where there is no room for another process beside it. */
const STUCK_ALONE_MS = 3000;
const POLL_MS = 50;
/** What another process needs. */
const ROOM_MB = 300;

/**
 * Loads code into the process that serves, and sees to it that code which hangs costs its users no more than a moment:
 * while it still may be only slow, another process gets warm, and takes over if it was not.
 */
export class StallGuard {
  readonly #spawn: () => { process: AppProcess; warm: Promise<void> };
  #standby: { process: AppProcess; ready: boolean } | undefined;

  constructor(spawn: () => { process: AppProcess; warm: Promise<void> }) {
    this.#spawn = spawn;
  }

  async load(app: AppProcess, bundle: Bundle): Promise<LoadOutcome> {
    const timer = setInterval(() => this.#watch(app), POLL_MS);
    try {
      return await app.load(bundle.file);
    } finally {
      clearInterval(timer);
      // It was only slow.
      if (app.alive) this.close();
    }
  }

  /** The process that was made ready, if there is one. */
  take(): AppProcess | undefined {
    const standby = this.#standby?.process;
    this.#standby = undefined;
    return standby?.alive ? standby : undefined;
  }

  close(): void {
    this.take()?.kill({ message: 'no longer needed' });
  }

  #watch(app: AppProcess): void {
    if (app.silentMs < SUSPICIOUS_MS) return;
    if (this.#standby === undefined && availableMb() > ROOM_MB) this.#prepare();
    const stuck = this.#standby === undefined ? app.silentMs > STUCK_ALONE_MS : this.#standby.ready;
    if (stuck && app.silentMs > STUCK_MS) void app.endStuck('The code keeps the process busy while it is loaded.');
  }

  #prepare(): void {
    const { process, warm } = this.#spawn();
    const standby = { process, ready: false };
    this.#standby = standby;
    void warm.then(() => (standby.ready = true));
  }
}
