export type MemoryUse = { residentMb: number; limitMb: number; open: number; quietMs: number };

/** After this much of the limit a process is replaced when nobody is waiting for anything. */
const SOFT_SHARE = 0.6;
/** It has to have grown by so much: a project that is large from the start gains nothing from a new process. */
const GROWTH = 1.3;
const QUIET_MS = 15_000;
/** How long a process is watched before what it holds counts as its size from the start. */
const SETTLED_SAMPLES = 5;
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

/** Decides when the app process holds so much memory that a new one should take over. */
export class MemoryWatch {
  readonly #now: () => number;
  #baseline = 0;
  #samples = 0;
  #pauseMs = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Another process serves now. */
  started(): void {
    this.#baseline = 0;
    this.#samples = 0;
  }

  /** Takes a sample, and says whether to replace the process now, and why. */
  sample({ residentMb, limitMb, open, quietMs }: MemoryUse): 'full' | 'grown' | undefined {
    if (++this.#samples <= SETTLED_SAMPLES) this.#baseline = Math.max(this.#baseline, residentMb);
    // A project that needs more than it may have would otherwise be restarted without an end.
    if (this.#now() - this.#last < this.#pauseMs) return undefined;
    if (residentMb > limitMb) return this.#decide('full', Math.min(MAX_PAUSE_MS, this.#pauseMs * 2 || FIRST_PAUSE_MS));
    const grown = residentMb > limitMb * SOFT_SHARE && residentMb > this.#baseline * GROWTH;
    return grown && open === 0 && quietMs >= QUIET_MS ? this.#decide('grown', FIRST_PAUSE_MS) : undefined;
  }

  #decide(reason: 'full' | 'grown', pauseMs: number): 'full' | 'grown' {
    this.#pauseMs = pauseMs;
    this.#last = this.#now();
    return reason;
  }
}
