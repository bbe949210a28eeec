import { z } from 'zod';

/**
 * The queues, with what their jobs carry. A job is a wake-up call: what is to be done stands in the rows that it names,
 * so that a job that is lost or delivered twice does no harm.
 */
export const queues = {
  /** Brings one sandbox from `provisioning` to `ready`. */
  provision: z.object({ sandbox: z.uuid() }),
  /** Deletes usage that is older than it is kept. Each one queues the next. */
  usage_retention: z.object({}),
} as const;

export type QueueName = keyof typeof queues;
export type JobPayload<Name extends QueueName> = z.output<(typeof queues)[Name]>;

export const QUEUE_NAMES = Object.keys(queues) as QueueName[];

/**
 * `short`: at most one waiting job per singleton key, any number at work. Exclusion is the lease's business: a dead
 * worker's job must not keep the next one out.
 */
export const QUEUE_OPTIONS = {
  policy: 'short',
  notify: true,
  // Our own rows count attempts and decide when the next one is due.
  retryLimit: 0,
  expireInSeconds: 600,
  retentionSeconds: 24 * 3600,
  deleteAfterSeconds: 3600,
} as const;

export const JOBS_SCHEMA = 'pgboss';
