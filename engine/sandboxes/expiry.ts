import type { Logger } from 'pino';
import type { Sandbox } from './sandbox.ts';

const RETRY_MS = 5000;

export type Expire = (sandbox: Sandbox) => Promise<void>;

/** Has the timeout of each running sandbox happen at its endAt. */
export class Expiry {
  readonly #expire: Expire;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #timers = new Map<Sandbox, NodeJS.Timeout>();

  /** @param expire is called when the time is over; it checks under the sandbox's mutex that it still is */
  constructor(expire: Expire, log: Logger, now: () => number) {
    this.#expire = expire;
    this.#log = log;
    this.#now = now;
  }

  /** To be called after every change of a sandbox. */
  update(sandbox: Sandbox): void {
    clearTimeout(this.#timers.get(sandbox));
    this.#timers.delete(sandbox);
    if (sandbox.removed || sandbox.record.state !== 'running') return;
    this.#schedule(sandbox, Math.max(0, sandbox.record.endAt - this.#now()));
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(sandbox: Sandbox, delay: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(sandbox);
      this.#expire(sandbox).catch((error: unknown) => {
        this.#log.error({ sandbox: sandbox.id, err: error }, 'the timeout of a sandbox failed; it is tried again');
        this.#schedule(sandbox, RETRY_MS);
      });
    }, delay);
    this.#timers.set(sandbox, timer);
  }
}
