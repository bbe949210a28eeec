import { waitUntil } from '../runtime/wait.ts';

/** Lets workers take turns, and has all of them wait while somebody looks at the whole. */
export class Gate {
  #active = 0;
  #closed = false;
  #ended = false;

  /** @returns false when there is to be no further turn */
  async enter(): Promise<boolean> {
    await waitUntil(() => !this.#closed || this.#ended, Number.POSITIVE_INFINITY, 5);
    if (this.#ended) return false;
    this.#active += 1;
    return true;
  }

  leave(): void {
    this.#active -= 1;
  }

  /** Runs `look` while no turn is taken. */
  async alone(look: () => Promise<void>): Promise<void> {
    this.#closed = true;
    try {
      await waitUntil(() => this.#active === 0, Number.POSITIVE_INFINITY, 5);
      await look();
    } finally {
      this.#closed = false;
    }
  }

  end(): void {
    this.#ended = true;
  }
}
