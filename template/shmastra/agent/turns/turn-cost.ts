import { stepCost, type Prices } from '../models/prices.ts';

/** What the model calls of a turn have cost so far. Micro-dollars. */
export class TurnCost {
  readonly #prices: Prices;
  #spent = 0;
  /** Null once a call was made of which it is not known: a part would be taken for the whole. */
  #total: number | null = 0;

  constructor(prices: Prices) {
    this.#prices = prices;
  }

  add(step: unknown): void {
    const cost = stepCost(step, this.#prices);
    this.#spent += cost ?? 0;
    this.#total = cost === null || this.#total === null ? null : this.#total + cost;
  }

  get total(): number | null {
    return this.#total;
  }

  /** At least so much: calls of which the cost is not known are not in it. */
  get spent(): number {
    return this.#spent;
  }
}
