/** Measures the time that a turn works; while it waits for a person the clock stands still. */
export class WorkClock {
  readonly #limitMs: number;
  readonly #onLimit: () => void;
  #worked = 0;
  #since: number | undefined;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, onLimit: () => void) {
    this.#limitMs = limitMs;
    this.#onLimit = onLimit;
    this.#run();
  }

  /** Somebody is asked; several may be at once. */
  pause(): void {
    this.#waiting++;
    if (this.#waiting === 1) this.#halt();
  }

  resume(): void {
    this.#waiting = Math.max(0, this.#waiting - 1);
    if (this.#waiting === 0) this.#run();
  }

  stop(): void {
    this.#waiting = Number.POSITIVE_INFINITY;
    this.#halt();
  }

  #run(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(this.#onLimit, Math.max(0, this.#limitMs - this.#worked));
  }

  #halt(): void {
    clearTimeout(this.#timer);
    if (this.#since !== undefined) this.#worked += performance.now() - this.#since;
    this.#since = undefined;
  }
}
