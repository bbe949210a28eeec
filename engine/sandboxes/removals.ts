import { Mutex } from './mutex.ts';

/** Sandboxes whose mounts and links are removed at the same time: more would slow down those that start. */
const AT_ONCE = 2;
/** So many may wait; whoever comes then waits as well. */
const WAITING = 32;

/**
 * What is left of sandboxes that are gone for everybody, removed behind the caller's back. A crash leaves it to the next
 * start of the engine, which removes what has no record.
 */
export class Removals {
  readonly #lanes = Array.from({ length: AT_ONCE }, () => new Mutex());
  readonly #tasks = new Set<Promise<void>>();
  #next = 0;

  /**
   * Has `task` run soon.
   * @param task must not reject
   * @returns at once, unless too much is to be done already
   */
  async add(task: () => Promise<void>): Promise<void> {
    this.#next = (this.#next + 1) % AT_ONCE;
    const done = this.#lanes[this.#next]?.run(task) ?? task();
    this.#tasks.add(done);
    void done.finally(() => this.#tasks.delete(done));
    if (this.#tasks.size > WAITING) await Promise.race(this.#tasks);
  }

  /** Resolves once nothing is left to be done. @returns whether there was something */
  async settled(): Promise<boolean> {
    const hadSome = this.#tasks.size > 0;
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    return hadSome;
  }
}
