import type { AppProcess } from './app-process.ts';

type Waiting = { resolve: (app: AppProcess | undefined) => void; timer: NodeJS.Timeout };

const MAX_WAITING = 256;

/**
 * Where requests wait for an app process. While one serves they pass at once; while it is being replaced they are held
 * for a moment rather than refused.
 */
export class Gate {
  #app: AppProcess | undefined;
  #held = true;
  readonly #waiting = new Set<Waiting>();

  /** Lets requests through to this process. */
  open(app: AppProcess): void {
    this.#app = app;
    this.#release(app);
  }

  /** The process is gone and another is on its way: requests wait. */
  hold(): void {
    this.#app = undefined;
    this.#held = true;
  }

  /** The process is gone and nobody knows when there will be one: requests are refused at once. */
  shut(): void {
    this.#app = undefined;
    this.#held = false;
    this.#release(undefined);
  }

  /** The process to use, or undefined when there is none within `holdMs` milliseconds. */
  async pass(holdMs: number): Promise<AppProcess | undefined> {
    if (this.#app?.alive) return this.#app;
    if (!this.#held || this.#waiting.size >= MAX_WAITING) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        resolve(undefined);
      }, holdMs);
      const waiting: Waiting = { resolve, timer };
      this.#waiting.add(waiting);
    });
  }

  #release(app: AppProcess | undefined): void {
    for (const { resolve, timer } of this.#waiting) {
      clearTimeout(timer);
      resolve(app);
    }
    this.#waiting.clear();
  }
}
