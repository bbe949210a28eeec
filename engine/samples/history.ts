/** What a sandbox used at one moment, in bytes. */
export type Sample = {
  /** Unix ms. */
  at: number;
  /** Of all its CPUs together, since the sample before. */
  cpuUsedPct: number;
  cpuCount: number;
  memUsed: number;
  memCache: number;
  memTotal: number;
  diskUsed: number;
  diskTotal: number;
};

/** At one sample in five seconds: the last half an hour in full, and a day and more in ever wider steps before it. */
const CAPACITY = 720;

/** The samples of one sandbox in a bounded room: when it is full, every second one of the older half goes. */
export class History {
  readonly #capacity: number;
  #samples: Sample[] = [];

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  add(sample: Sample): void {
    if (this.#samples.length >= this.#capacity) {
      const half = this.#samples.length / 2;
      this.#samples = this.#samples.filter((_, index) => index >= half || index % 2 === 0);
    }
    this.#samples.push(sample);
  }

  /** Both ends, in Unix ms, belong to it; oldest first. */
  between(start: number, end: number): Sample[] {
    return this.#samples.filter(({ at }) => at >= start && at <= end);
  }

  get latest(): Sample | undefined {
    return this.#samples.at(-1);
  }
}
