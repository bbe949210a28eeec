import type { Context } from '../../lib/context.ts';
import { deleteOldUsage } from '../../lib/usage/retention.ts';

const EVERY_MS = 6 * 3_600_000;
const KEY = 'usage';

/** Queues the next round, unless one waits already. */
export async function queueRetention({ jobs, database }: Context, startAfter?: Date): Promise<void> {
  await jobs.send(database.db, 'usage_retention', {}, { key: KEY, ...(startAfter ? { startAfter } : {}) });
}

/** One round. The next one is queued first: a round that fails does not end them. */
export async function keepUsageShort(context: Context, signal: AbortSignal): Promise<void> {
  await queueRetention(context, new Date(context.now().getTime() + EVERY_MS));
  const deleted = await deleteOldUsage(context, signal);
  if (deleted > 0) context.log.info({ deleted }, 'old usage was deleted');
}
