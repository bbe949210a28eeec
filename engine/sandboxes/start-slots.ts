import { readFileSync } from 'node:fs';
import { CapacityError } from '../api/errors.ts';
import type { StartQueue } from './start-queue.ts';

export type CapacityLimits = {
  /** Sandboxes and build machines whose processes may exist at once. */
  maxRunning: number;
  /** Memory (MiB) that has to be available for one more to start. */
  minMemoryMb: number;
};

/** Decides whether one more machine may start now, and ends starts when the engine stops. */
export class StartSlots {
  /** Machines of template builds that run. */
  launched = 0;
  readonly #starting = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #queue: StartQueue;
  readonly #limits: CapacityLimits;
  readonly #countRunning: () => number;
  readonly #availableMb: () => number;

  constructor(queue: StartQueue, limits: CapacityLimits, countRunning: () => number, availableMb = availableMemoryMb) {
    this.#queue = queue;
    this.#limits = limits;
    this.#countRunning = countRunning;
    this.#availableMb = availableMb;
  }

  get closing(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * Runs `task` as one start among others.
   * @param patient waits however long the queue is: for what the engine starts by itself
   * @throws CapacityError, RateLimitError
   */
  async run<T>(task: (signal: AbortSignal) => Promise<T>, patient = false): Promise<T> {
    const { maxRunning, minMemoryMb } = this.#limits;
    if (this.#countRunning() + this.#starting.size + this.launched >= maxRunning) {
      throw new CapacityError(`This machine runs as many sandboxes as it may (${maxRunning})`);
    }
    if (this.#availableMb() < minMemoryMb)
      throw new CapacityError('This machine has too little free memory for another sandbox');
    const { signal } = this.#closing;
    const start = this.#queue.run(async () => {
      signal.throwIfAborted();
      return task(signal);
    }, patient);
    this.#starting.add(start);
    try {
      return await start;
    } catch (error) {
      throw signal.aborted ? new CapacityError('The engine is stopping') : error;
    } finally {
      this.#starting.delete(start);
    }
  }

  /** Refuses further starts and waits until those that were under way are undone. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#starting);
  }
}

function availableMemoryMb(): number {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'latin1'));
  return match?.[1] === undefined ? Number.POSITIVE_INFINITY : Number(match[1]) / 1024;
}
