import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Context } from '../../lib/context.ts';
import { judgeSilentHeals, reconcileEngine, releaseDeadLeases, resendLostJobs } from '../../lib/sandbox/index.ts';

export type Reconciliation = { stop(): Promise<void> };

export type Intervals = {
  /** Milliseconds between looks at rows whose job was lost. Cheap: one indexed query. */
  jobsMs: number;
  /** Milliseconds between lists of the engine. */
  engineMs: number;
};

const INTERVALS: Intervals = { jobsMs: 1_000, engineMs: 5_000 };
const MAX_BACKOFF_MS = 10_000;
/** Of several workers one reconciles at a time. Held for a transaction, so that it cannot be left behind. */
const ADVISORY_LOCK = 7_265_143_003;

/** Keeps rows, jobs and engine in line until it is stopped. A round that fails is repeated, with back-off. */
export function startReconciliation(context: Context, intervals = INTERVALS): Reconciliation {
  const stopping = new AbortController();
  const loops = [
    repeat(context, stopping.signal, intervals.jobsMs, 'jobs', async () => {
      await releaseDeadLeases(context);
      const sent = await resendLostJobs(context);
      if (sent > 0) context.log.info({ sent }, 'jobs were sent again');
    }),
    repeat(context, stopping.signal, intervals.engineMs, 'engine', () =>
      alone(context, () => round(context, stopping.signal)),
    ),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function round(context: Context, signal: AbortSignal): Promise<void> {
  const done = await reconcileEngine(context, { signal });
  await judgeSilentHeals(context, signal);
  if (done.observed + done.killed + done.reported > 0) context.log.info(done, 'rows and engine were brought in line');
}

/** Runs the work only when no other worker does. */
async function alone({ database }: Context, work: () => Promise<void>): Promise<void> {
  await database.db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ locked: boolean }>`
      select pg_try_advisory_xact_lock(${ADVISORY_LOCK}) as locked`.execute(trx);
    if (rows[0]?.locked) await work();
  });
}

async function repeat(context: Context, signal: AbortSignal, everyMs: number, part: string, work: () => Promise<void>) {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await work();
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      context.log.warn({ err: error, part, failures }, 'reconciling did not work');
    }
    const wait = Math.min(MAX_BACKOFF_MS, everyMs * 2 ** Math.min(failures, 5));
    await sleep(Math.max(everyMs, failures ? wait : everyMs), undefined, { signal }).catch(() => {});
  }
}
