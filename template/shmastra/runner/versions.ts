import type { Bundle } from './bundler.ts';

/** A version whose process ends by itself within this time of going live is suspected to be the cause. */
const YOUNG_MS = 10_000;
/** Once may have been a request that asked for it. */
const MAX_YOUNG_CRASHES = 2;

/** The versions of the project's code that have been live: which to bring back when the process has ended. */
export class Versions {
  readonly #now: () => number;
  #good: Bundle | undefined;
  #before: Bundle | undefined;
  #liveAt = 0;
  #youngCrashes = 0;
  /** Whether the good one has lasted: then a crash is due to what it was asked for. */
  #proven = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The last one that was live, unless it has shown that it cannot stay so. */
  get good(): Bundle | undefined {
    return this.#good;
  }

  /** The bundles that may be needed again. */
  get kept(): (Bundle | undefined)[] {
    return [this.#good, this.#before];
  }

  live(bundle: Bundle): void {
    this.#liveAt = this.#now();
    if (bundle === this.#good) return;
    // One that kept crashing is nothing to go back to.
    if (this.#youngCrashes === 0) this.#before = this.#good;
    this.#youngCrashes = 0;
    this.#proven = false;
    this.#good = bundle;
  }

  /**
   * The process has ended while its code was live. True when that code is given up, because it has not lasted several
   * times and there is an older version.
   */
  crashed(): boolean {
    if (this.#now() - this.#liveAt > YOUNG_MS) this.#proven = true;
    if (this.#proven) return false;
    if (++this.#youngCrashes < MAX_YOUNG_CRASHES || this.#before === undefined) return false;
    this.#good = this.#before;
    this.#before = undefined;
    this.#youngCrashes = 0;
    this.#proven = true;
    return true;
  }
}
