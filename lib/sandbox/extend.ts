import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Context } from '../context.ts';
import { databaseNow } from '../db/now.ts';
import { AppError } from '../errors.ts';
import { observePaused } from './observe.ts';
import type { SandboxRow } from './state.ts';

/** The engine is asked at most this often per sandbox, by all instances together. */
const EVERY_SECONDS = 60;
const MAX_REMEMBERED = 10_000;

/** What this process knows to be extended, so that most requests ask nobody. */
const recent = new WeakMap<Context, LRUCache<string, true>>();

/**
 * Keeps a sandbox awake for another idle time, because a person or an agent is using it. Cheap to call for every
 * request. Never throws: a sandbox that cannot be extended is at worst paused, and the next request wakes it.
 */
export async function extendSandbox(context: Context, row: SandboxRow): Promise<void> {
  if (row.status !== 'ready' || !row.sandbox_id) return;
  const everySeconds = Math.min(EVERY_SECONDS, Math.max(1, context.settings.sandbox.idleSeconds / 3));
  const remembered = recent.get(context) ?? new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: 1 });
  recent.set(context, remembered);
  if (remembered.has(row.sandbox_id)) return;
  remembered.set(row.sandbox_id, true, { ttl: everySeconds * 1000 });
  try {
    if (!(await claim(context, row, everySeconds))) return;
    await context.engine.extend(row.sandbox_id, context.settings.sandbox.idleSeconds);
  } catch (error) {
    remembered.delete(row.sandbox_id);
    context.log.warn({ err: error, sandbox: row.id }, 'a sandbox was not extended');
    if (error instanceof AppError && error.code !== 'engine_unreachable') await observeQuietly(context, row);
  }
}

/** One instance wins the right to extend it in this minute. */
async function claim(context: Context, row: SandboxRow, everySeconds: number): Promise<boolean> {
  const { numUpdatedRows } = await context.database.db
    .updateTable('sandboxes')
    .set({ extended_at: databaseNow, last_activity_at: databaseNow })
    .where('id', '=', row.id)
    .where('status', '=', 'ready')
    .where(
      sql<boolean>`(extended_at is null or extended_at < clock_timestamp() - ${everySeconds} * interval '1 second')`,
    )
    .executeTakeFirst();
  return numUpdatedRows > 0;
}

async function observeQuietly(context: Context, row: SandboxRow): Promise<void> {
  await observePaused(context, row).catch((error: unknown) =>
    context.log.warn({ err: error, sandbox: row.id }, 'a sandbox could not be inspected'),
  );
}
