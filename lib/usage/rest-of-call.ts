import type { Log } from '../log.ts';
import type { UsageLedger } from './ledger.ts';

/** What of a call goes on after its answer. */
export type RestOfCall = {
  waitUntil(work: Promise<unknown>): void;
  /** For `after`: ends when all of it has ended and Postgres has the call's usage. */
  finish(): Promise<void>;
};

/** Waits before the usage is written again, when Postgres did not take it. Milliseconds. */
const PATIENCE_MS = [200, 1_000];

/**
 * A platform may freeze the process when the answer and what was given to `after` are over: an event that only waits for
 * its timer then is written when the process is woken, or never. What Postgres does not take in time stays a reservation
 * there, and is billed as one.
 */
export function createRestOfCall(ledger: Pick<UsageLedger, 'flush'>, log: Log): RestOfCall {
  const works: Promise<unknown>[] = [];
  return {
    waitUntil: (work) => void works.push(work),
    async finish() {
      // The list grows while it is gone through: the answer's stream comes after the answer's head. And a caller may go
      // before there is a head, so that this begins before the call has ended.
      for (const work of works) await work.catch(() => {});
      await flush(ledger, log);
    },
  };
}

async function flush(ledger: Pick<UsageLedger, 'flush'>, log: Log): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ledger.flush();
    } catch (error) {
      const wait = PATIENCE_MS[attempt];
      if (wait === undefined) {
        log.warn({ err: error }, 'the usage of a call was not written after its answer');
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
