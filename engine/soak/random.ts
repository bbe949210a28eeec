/** Random choices that a seed repeats. What runs at once still depends on the machine's timing. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 (included) to 1 (excluded): the generator mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @returns an integer, both ends included */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.next() * items.length)];
  }

  /** @param weights how often each one, relative to the others */
  weighted<T>(weights: readonly (readonly [weight: number, value: T])[]): T | undefined {
    let left = this.next() * weights.reduce((sum, [weight]) => sum + weight, 0);
    return weights.find(([weight]) => (left -= weight) < 0)?.[1];
  }

  /** A generator of its own for each of several workers. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
