import type { Db, PgBoss } from 'pg-boss';
import type { Queryable } from '../db/database.ts';
import type { Log } from '../log.ts';
import { JOBS_SCHEMA, type JobPayload, type QueueName, queues } from './queues.ts';

export type SendOptions = {
  /** While a job with this key waits in the queue, another one is not added. */
  key: string;
  /** Not before this moment. */
  startAfter?: Date;
};

export type JobSender = {
  /**
   * Adds a job. Given a transaction, the job exists if and when that commits. Returns false when a job with this key
   * waits already.
   */
  send<Name extends QueueName>(
    on: Queryable,
    name: Name,
    payload: JobPayload<Name>,
    options: SendOptions,
  ): Promise<boolean>;
  close(): Promise<void>;
};

/** A started pg-boss, and our pool or transaction as it wants to see it. */
type Started = { boss: PgBoss; boxed(on: Queryable): Db };

/**
 * A sender for processes that only add jobs. It starts at the first job, on a connection of its own: callers hold
 * transactions meanwhile, and could otherwise wait for each other with all connections of the pool. Pg-boss is loaded
 * then, too: the front seldom has a job, and would hold 5 MB of code for it.
 */
export function createJobSender(url: string, log: Log): JobSender {
  let started: Promise<Started> | undefined;

  function start(): Promise<Started> {
    started ??= startBoss(url, log).catch((error: unknown) => {
      started = undefined;
      throw error;
    });
    return started;
  }

  return {
    async send(on, name, payload, { key, startAfter }) {
      const { boss, boxed } = await start();
      const id = await boss.send(name, queues[name].parse(payload), {
        singletonKey: key,
        db: boxed(on),
        ...(startAfter ? { startAfter } : {}),
      });
      return id !== null;
    },
    async close() {
      const running = await started?.catch(() => undefined);
      await running?.boss.stop({ graceful: false });
    },
  };
}

async function startBoss(url: string, log: Log): Promise<Started> {
  const { fromKysely, PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'shmastra-send',
    max: 1,
    schema: JOBS_SCHEMA,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'job sender'));
  await boss.start();
  return { boss, boxed: (on) => fromKysely(on as unknown as Parameters<typeof fromKysely>[0]) };
}
