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
  /** Ends something that only waits to be of use, such as a spare sandbox. Resolves to false when there is nothing. */
  makeRoom: () => Promise<boolean> = () => Promise.resolve(false);
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

  get maxRunning(): number {
    return this.#limits.maxRunning;
  }

  /** Ends what is under way when the engine stops. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  get closing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Starts that wait for others. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** Why one more could not start now; null when it could. */
  get refusal(): string | null {
    return this.#refusal()?.message ?? null;
  }

  /** How many more may start, as far as their number goes. */
  get free(): number {
    return this.#limits.maxRunning - this.#taken();
  }

  /** Whether something starts or waits for it. */
  get busy(): boolean {
    return this.#starting.size > 0;
  }

  /** Whether one more could start now and leave `memoryMb` (MiB) more than the least that has to be available. */
  hasRoom(memoryMb = 0): boolean {
    return this.#refusal(memoryMb) === null;
  }

  /** Makes room for one more if there is none. @throws CapacityError when nothing gives way */
  async findRoom(): Promise<void> {
    for (;;) {
      const refusal = this.#refusal();
      if (refusal === null) return;
      if (this.closing || !(await this.makeRoom())) throw refusal;
    }
  }

  /**
   * Runs `task` as one start among others.
   * @param patient waits however long the queue is: for what the engine starts by itself
   * @throws CapacityError, RateLimitError
   */
  async run<T>(task: (signal: AbortSignal) => Promise<T>, patient = false): Promise<T> {
    // Nothing may come between the look and the count.
    while (this.#refusal() !== null) await this.findRoom();
    return this.#count((signal) =>
      this.#queue.run(async () => {
        signal.throwIfAborted();
        return task(signal);
      }, patient),
    );
  }

  /** Runs `task`, which nobody has to wait for or which takes no new room, beside the queue. @throws CapacityError */
  async runAside<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.closing) throw new CapacityError('The engine is stopping');
    return this.#count(task);
  }

  async #count<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#closing;
    const start = task(signal);
    this.#starting.add(start);
    try {
      return await start;
    } catch (error) {
      throw signal.aborted ? new CapacityError('The engine is stopping') : error;
    } finally {
      this.#starting.delete(start);
    }
  }

  #refusal(memoryMb = 0): CapacityError | null {
    const { maxRunning, minMemoryMb } = this.#limits;
    if (this.#taken() >= maxRunning)
      return new CapacityError(`This machine runs as many sandboxes as it may (${maxRunning})`);
    if (this.#availableMb() < minMemoryMb + memoryMb)
      return new CapacityError('This machine has too little free memory for another sandbox');
    return null;
  }

  #taken(): number {
    return this.#countRunning() + this.#starting.size + this.launched;
  }

  /** Refuses further starts and waits until those that were under way are undone. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#starting);
  }
}

export function availableMemoryMb(): number {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'latin1'));
  return match?.[1] === undefined ? Number.POSITIVE_INFINITY : Number(match[1]) / 1024;
}
