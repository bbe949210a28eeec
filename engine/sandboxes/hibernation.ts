import type { Logger } from 'pino';
import type { Sandbox } from './sandbox.ts';
import type { Transitions } from './transitions.ts';

/** How often the machine is looked at, in ms. */
const INTERVAL_MS = 2000;
/** One that could not be stopped is left alone for so long. */
const RETRY_MS = 60_000;
/** Share of ENGINE_MAX_RUNNING, and most places, kept free of paused sandboxes: a start need not wait for one to stop. */
const FREE_SHARE = 0.1;
const MOST_FREE = 4;

/** Why a sandbox was hibernated: somebody needs its place, the machine gets full, or it was paused for long. */
export type HibernationReason = 'needed' | 'pressure' | 'age';

export type HibernationParts = {
  /** The sandboxes of this engine by id. */
  sandboxes: ReadonlyMap<string, Sandbox>;
  transitions: Pick<Transitions, 'hibernate'>;
  /** Places that processes of sandboxes could still take, those of spares included. */
  freePlaces(): number;
  maxRunning: number;
  availableMemoryMb(): number;
  /** With less memory (MiB) available paused sandboxes give theirs, the longest-paused first. */
  belowMemoryMb: number;
  /** Longer paused ones are hibernated whatever room there is; 0: never. */
  afterSeconds: number;
  log: Logger;
  now(): number;
};

/**
 * Stops the processes of paused sandboxes when their place or memory is needed, the longest-paused first. Their disks stay;
 * a resume starts them from there.
 */
export class Hibernation {
  readonly #parts: HibernationParts;
  readonly #underWay = new Set<Promise<boolean>>();
  readonly #failedAt = new WeakMap<Sandbox, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(parts: HibernationParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    }, INTERVAL_MS);
    this.#timer.unref();
  }

  /** Room for something that is needed now. @returns false when no paused sandbox can give any */
  async giveUp(): Promise<boolean> {
    while (!this.#closed) {
      const [longest] = this.#candidates();
      if (longest === undefined) return this.#underWay.size > 0 && Promise.race(this.#underWay);
      if (await this.#hibernate(longest, 'needed')) return true;
    }
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#underWay);
  }

  /** Paused sandboxes that have processes and that nobody is changing, the longest-paused first. */
  #candidates(): Sandbox[] {
    const { sandboxes, now } = this.#parts;
    return [...sandboxes.values()]
      .filter((sandbox) => isFrozen(sandbox) && !sandbox.mutex.busy)
      .filter((sandbox) => now() - (this.#failedAt.get(sandbox) ?? Number.NEGATIVE_INFINITY) > RETRY_MS)
      .toSorted((a, b) => pausedAt(a) - pausedAt(b));
  }

  /** One after another, looking again each time: the first may have been enough. */
  async #look(): Promise<void> {
    for (;;) {
      const [longest] = this.#candidates();
      const reason = longest === undefined || this.#closed ? null : this.#reason(longest);
      if (longest === undefined || reason === null || !(await this.#hibernate(longest, reason))) return;
    }
  }

  #reason(longest: Sandbox): HibernationReason | null {
    const { freePlaces, maxRunning, availableMemoryMb, belowMemoryMb, afterSeconds, now } = this.#parts;
    const wanted = Math.min(MOST_FREE, Math.floor(maxRunning * FREE_SHARE));
    if (freePlaces() < wanted || availableMemoryMb() < belowMemoryMb) return 'pressure';
    return afterSeconds > 0 && now() - pausedAt(longest) >= afterSeconds * 1000 ? 'age' : null;
  }

  /** @returns whether it has no processes any more */
  async #hibernate(sandbox: Sandbox, reason: HibernationReason): Promise<boolean> {
    const { transitions, log, now } = this.#parts;
    const task = sandbox.mutex
      .run(async () => {
        // Resumed or killed meanwhile.
        if (isFrozen(sandbox)) await transitions.hibernate(sandbox, reason);
        return true;
      })
      .catch((error: unknown) => {
        this.#failedAt.set(sandbox, now());
        log.error({ sandbox: sandbox.id, err: error }, 'a paused sandbox could not be hibernated');
        return false;
      });
    this.#underWay.add(task);
    try {
      return await task;
    } finally {
      this.#underWay.delete(task);
    }
  }
}

function isFrozen({ record, removed }: Sandbox): boolean {
  return !removed && record.state === 'paused' && record.process !== null;
}

/** Records of earlier versions do not tell; they are the oldest. */
function pausedAt({ record }: Sandbox): number {
  return record.pausedAt ?? 0;
}
