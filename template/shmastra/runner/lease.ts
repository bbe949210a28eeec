/** Something that is held for a while, and let go of by itself. */
export class Lease {
  readonly #onEnd: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  get held(): boolean {
    return this.#timer !== undefined;
  }

  /** Counts from now on, however much was left. */
  renew(seconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), seconds * 1000);
  }

  end(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#onEnd();
  }
}
