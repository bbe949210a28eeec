/** The worker: takes jobs and keeps rows and engine in line. Listens on nothing. `node server/worker.ts`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { closeContext, createContext } from '../lib/context.ts';
import { isDatabaseUnavailable } from '../lib/db/database.ts';
import { startJobWorker } from '../lib/jobs/worker.ts';
import { createLog } from '../lib/log.ts';
import { provisionSandbox } from '../lib/sandbox/index.ts';
import { loadSettings } from '../lib/settings.ts';
import { startReconciliation } from './worker/reconciliation.ts';
import { keepUsageShort, queueRetention } from './worker/usage-retention.ts';
import { checkMigrations } from './worker/check-migrations.ts';

/** Milliseconds in which a clean end has to happen. The supervisor waits 10 s. */
const STOP_DEADLINE_MS = 9_000;
/** How long a start waits for Postgres, which may be starting too. */
const DATABASE_WAIT_MS = 60_000;
const RETRY_MS = 500;

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

try {
  await main();
} catch (error) {
  createLog('worker').fatal({ err: error }, error instanceof Error ? error.message : 'the worker could not start');
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const settings = loadSettings();
  const context = createContext(settings, {
    name: 'worker',
    maxConnections: settings.sandbox.provisionConcurrency + 6,
  });
  const { log } = context;
  await untilDatabaseAnswers(() => checkMigrations(context));
  const jobs = await untilDatabaseAnswers(() =>
    startJobWorker(settings.databaseUrl, log, {
      provision: {
        concurrency: settings.sandbox.provisionConcurrency,
        handle: (payload, signal) => provisionSandbox(context, payload, signal),
      },
      usage_retention: { concurrency: 1, handle: (_payload, signal) => keepUsageShort(context, signal) },
    }),
  );
  await untilDatabaseAnswers(() => queueRetention(context));
  const reconciliation = startReconciliation(context);
  log.info({ instance: context.instance }, 'the worker is ready');

  if (!stopping.signal.aborted) await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
  log.info('the worker is stopping');
  const deadline = setTimeout(() => {
    log.warn('stopping took too long');
    process.exit(1);
  }, STOP_DEADLINE_MS);
  await Promise.all([jobs.stop(), reconciliation.stop()]);
  await closeContext(context);
  clearTimeout(deadline);
}

async function untilDatabaseAnswers<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const deadline = Date.now() + DATABASE_WAIT_MS; ;) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseUnavailable(error) || Date.now() > deadline || stopping.signal.aborted) throw error;
      await sleep(RETRY_MS);
    }
  }
}
