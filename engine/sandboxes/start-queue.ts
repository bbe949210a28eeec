import { RateLimitError } from '../api/errors.ts';

/** Lets `concurrency` starts run at once and `waiting` more wait; starting all at once would slow down each of them. */
export class StartQueue {
  readonly #concurrency: number;
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(concurrency: number, waiting: number) {
    this.#concurrency = concurrency;
    this.#limit = waiting;
  }

  /** Starts that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @param patient waits however long the queue is: for what the engine itself starts
   * @throws RateLimitError when the queue is full
   */
  async run<T>(task: () => Promise<T>, patient = false): Promise<T> {
    if (this.#running >= this.#concurrency) {
      if (!patient && this.#waiting.length >= this.#limit)
        throw new RateLimitError('Too many sandboxes are starting: try again shortly');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      // A waiting task takes over the place, so that nobody can slip in between.
      if (next) next();
      else this.#running -= 1;
    }
  }
}
