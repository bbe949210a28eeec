import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Context } from '../context.ts';

export type LastUsed = {
  mark(keyId: string): void;
  close(): void;
};

/** Written at most this often per key, and together with others that were used meanwhile. */
const EVERY_MS = 60_000;
const BATCH_MS = 2_000;
const MAX_KEYS = 10_000;

/** When keys were last used, to the minute. Costs a call nothing: one statement for all, now and then. */
export function createLastUsed({ database, log }: Pick<Context, 'database' | 'log'>): LastUsed {
  const recent = new LRUCache<string, true>({ max: MAX_KEYS, ttl: EVERY_MS });
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function write(): void {
    timer = undefined;
    const keys = [...waiting];
    waiting.clear();
    database.db
      .updateTable('virtual_keys')
      .set({ last_used_at: sql<Date>`now()` })
      .where('id', 'in', keys)
      .execute()
      .catch((error: unknown) => log.debug({ err: error }, 'the last use of keys was not written'));
  }

  return {
    mark(keyId) {
      if (recent.has(keyId)) return;
      recent.set(keyId, true);
      waiting.add(keyId);
      timer ??= setTimeout(write, BATCH_MS);
      timer.unref();
    },
    close: () => clearTimeout(timer),
  };
}
