import { type Job, PgBoss } from 'pg-boss';
import type { Log } from '../log.ts';
import { JOBS_SCHEMA, type JobPayload, type QueueName, queues } from './queues.ts';

export type JobHandler<Name extends QueueName> = (payload: JobPayload<Name>, signal: AbortSignal) => Promise<void>;

export type JobHandlers = { [Name in QueueName]?: { concurrency: number; handle: JobHandler<Name> } };

export type JobWorker = {
  /** Takes no more jobs, aborts the signal of those at work, and waits for their handlers to end. */
  stop(): Promise<void>;
};

/** Of whichever queue: its payload was checked with the queue's own schema. */
type Handler = { concurrency: number; handle: (payload: unknown, signal: AbortSignal) => Promise<void> };

/** Retries of our own are jobs with a start time, which no NOTIFY announces: they start at most this late. */
const POLL_SECONDS = 1;
const STOP_TIMEOUT_MS = 8_000;

/** Starts taking jobs. A NOTIFY starts a job within milliseconds; polling is the fall-back. */
export async function startJobWorker(url: string, log: Log, handlers: JobHandlers): Promise<JobWorker> {
  const stopping = new AbortController();
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'shmastra-jobs',
    schema: JOBS_SCHEMA,
    useListenNotify: true,
    schedule: false,
    // The schema's migrations are the business of `lib/db/migrate.ts`.
    migrate: false,
    max: 4,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'jobs'));
  boss.on('warning', (warning) => log.warn({ warning }, 'jobs'));
  await boss.start();
  for (const name of Object.keys(handlers) as QueueName[]) {
    const handler = handlers[name];
    if (handler) await register(boss, name, handler as Handler, stopping.signal, log);
  }
  return {
    async stop() {
      stopping.abort(new Error('The worker is stopping.'));
      await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
    },
  };
}

async function register(
  boss: PgBoss,
  name: QueueName,
  { concurrency, handle }: Handler,
  stopping: AbortSignal,
  log: Log,
): Promise<void> {
  const options = {
    localConcurrency: concurrency,
    pollingIntervalSeconds: POLL_SECONDS,
    notifyPollingIntervalSeconds: POLL_SECONDS,
  };
  await boss.work(name, options, async ([job]: Job<unknown>[]) => {
    if (!job) return;
    const payload = queues[name].safeParse(job.data);
    if (!payload.success) {
      log.error({ job: job.id, queue: name }, 'a job with a payload that nobody understands was dropped');
      return;
    }
    await handle(payload.data, AbortSignal.any([job.signal, stopping]));
  });
}
