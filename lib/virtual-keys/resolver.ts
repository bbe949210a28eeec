import { timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { createCache } from '../cache.ts';
import type { Context } from '../context.ts';
import { hashVirtualKey, userIdOfVirtualKey } from './format.ts';

export type ResolvedKey = {
  keyId: string;
  userId: string;
  kind: 'sandbox' | 'guest';
  /** The row of the sandbox that the key was written into. */
  sandbox: string | null;
};

export type KeyResolver = {
  /**
   * Whose key it is, or null: malformed, unknown, revoked, expired, or of a disabled member. Throws when Postgres is
   * away and the answer is not known (any more).
   */
  resolveKey(plain: string): Promise<ResolvedKey | null>;
  close(): void;
};

type LiveKey = ResolvedKey & { expiresAt: Date | null };

const MAX_KEYS = 10_000;
const TTL_MS = 30_000;
const MISSING_TTL_MS = 2_000;
/** "Last used" is written at most this often per key. */
const LAST_USED_EVERY_MS = 60_000;

/** Resolves virtual keys through a cache that NOTIFY invalidates. Malformed keys never reach the database. */
export function createKeyResolver(context: Pick<Context, 'database' | 'log' | 'now'>): KeyResolver {
  const { database, log } = context;
  const cache = createCache<LiveKey>({
    max: MAX_KEYS,
    ttlMs: TTL_MS,
    missingTtlMs: MISSING_TTL_MS,
    groupOf: (key) => key.userId,
  });
  const used = new LRUCache<string, true>({ max: MAX_KEYS, ttl: LAST_USED_EVERY_MS });
  const unlisten = ['key_changed', 'user_changed'].map((channel) =>
    database.listen(channel, cache.invalidate, cache.clear),
  );

  async function load(hash: Buffer): Promise<LiveKey | null> {
    const row = await database.db
      .selectFrom('virtual_keys')
      .innerJoin('users', 'users.id', 'virtual_keys.user_id')
      .where('virtual_keys.key_hash', '=', hash)
      .where('virtual_keys.revoked_at', 'is', null)
      .where('users.disabled_at', 'is', null)
      .select([
        'virtual_keys.id',
        'virtual_keys.user_id',
        'virtual_keys.kind',
        'virtual_keys.sandbox',
        'virtual_keys.expires_at',
        'virtual_keys.key_hash',
      ])
      .executeTakeFirst();
    // The index found it by its hash, which tells nothing about the key; the comparison takes the same time always.
    if (!row || !timingSafeEqual(row.key_hash, hash)) return null;
    return { keyId: row.id, userId: row.user_id, kind: row.kind, sandbox: row.sandbox, expiresAt: row.expires_at };
  }

  function markUsed(keyId: string): void {
    if (used.has(keyId)) return;
    used.set(keyId, true);
    database.db
      .updateTable('virtual_keys')
      .set({ last_used_at: sql<Date>`now()` })
      .where('id', '=', keyId)
      .execute()
      .catch((error: unknown) => log.debug({ err: error }, 'last use of a key was not written'));
  }

  return {
    async resolveKey(plain) {
      const userId = userIdOfVirtualKey(plain);
      if (!userId) return null;
      const hash = hashVirtualKey(plain);
      const key = await cache.get(hash.toString('base64'), () => load(hash));
      if (!key || key.userId !== userId) return null;
      if (key.expiresAt && key.expiresAt <= context.now()) return null;
      markUsed(key.keyId);
      return { keyId: key.keyId, userId: key.userId, kind: key.kind, sandbox: key.sandbox };
    },
    close: () => unlisten.forEach((stop) => stop()),
  };
}
