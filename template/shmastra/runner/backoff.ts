/** The first crash after a calm time is met at once, those that follow ever later. */
const FIRST_MS = 1000;
const MAX_MS = 30_000;
/** After so long without a crash the next one counts as the first again. */
const CALM_MS = 60_000;

/** How long to wait before a process that stopped is started again. */
export class Backoff {
  readonly #now: () => number;
  #failures = 0;
  #last = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds to wait after a crash that has just happened. */
  next(): number {
    const now = this.#now();
    if (now - this.#last > CALM_MS) this.#failures = 0;
    this.#last = now;
    return this.#failures++ === 0 ? 0 : Math.min(MAX_MS, FIRST_MS * 2 ** (this.#failures - 2));
  }

  /** Whether the last crash was the only one lately. */
  get calm(): boolean {
    return this.#failures <= 1;
  }

  /** Waits, or less if `reset` is called meanwhile. */
  async wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The cause may be gone: the next try is at once. */
  reset(): void {
    this.#failures = 0;
    this.#wake?.();
  }
}
