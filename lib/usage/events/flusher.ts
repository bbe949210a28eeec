import type { Log } from '../../log.ts';
import type { UsageEvent } from './event.ts';

export type Flusher = {
  add(event: UsageEvent): void;
  /** Events that wait for Postgres. */
  waiting(): number;
  /** Writes what waits, now. Throws while Postgres is away. */
  flush(): Promise<void>;
  stop(): void;
};

export type FlusherOptions = {
  log: Log;
  write(events: readonly UsageEvent[]): Promise<void>;
  /** Milliseconds that an event waits for others to be written with. */
  delayMs: number;
};

const MAX_BATCH = 500;
const MAX_BACKOFF_MS = 5_000;
/** How often a batch that Postgres refuses is tried before its events are tried one by one. */
const ATTEMPTS_TOGETHER = 3;

/** Writes events in batches, one at a time, until Postgres has them. */
export function createFlusher({ log, write, delayMs }: FlusherOptions): Flusher {
  let waiting: UsageEvent[] = [];
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let stopped = false;

  function schedule(wait: number): void {
    if (timer !== undefined || stopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      round().catch((error: unknown) => log.warn({ err: error, waiting: waiting.length }, 'usage was not written yet'));
    }, wait);
  }

  function round(): Promise<void> {
    running ??= writeWaiting().finally(() => {
      running = undefined;
      if (isFull() && !stopped) startRound();
      else if (waiting.length > 0) schedule(failures === 0 ? delayMs : backoff());
    });
    return running;
  }

  /** Those that come meanwhile wait for company again: else a steady stream would be written in transactions of a few. */
  async function writeWaiting(): Promise<void> {
    for (let left = waiting.length; left > 0;) {
      // One that Postgres will never take must not keep the others out.
      const size = failures >= ATTEMPTS_TOGETHER ? 1 : Math.min(MAX_BATCH, left);
      const batch = waiting.slice(0, size);
      try {
        await write(batch);
      } catch (error) {
        failures += 1;
        if (size === 1) waiting = [...waiting.slice(1), ...batch];
        throw error;
      }
      waiting = waiting.slice(batch.length);
      left -= batch.length;
      if (size === MAX_BATCH || left === 0) failures = 0;
    }
  }

  function isFull(): boolean {
    return waiting.length >= MAX_BATCH && failures === 0;
  }

  /** What goes wrong is said by the next one, which waits for a while. */
  function startRound(): void {
    round().catch(() => {});
  }

  function backoff(): number {
    return Math.min(MAX_BACKOFF_MS, delayMs * 2 ** Math.min(failures, 6));
  }

  return {
    add(event) {
      waiting.push(event);
      if (isFull()) startRound();
      else schedule(delayMs);
    },
    waiting: () => waiting.length,
    async flush() {
      // What came since it began is no part of it.
      await running;
      await round();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
