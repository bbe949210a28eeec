import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { createCache } from '../cache.ts';
import type { Context } from '../context.ts';
import { nameOfVirtualKey, userIdOfVirtualKey } from './format.ts';
import { createGuessLimit } from './guess-limit.ts';
import { createLastUsed } from './last-used.ts';

export type ResolvedKey = {
  keyId: string;
  userId: string;
  kind: 'sandbox' | 'guest';
  /** The row of the sandbox that the key was written into. */
  sandbox: string | null;
};

/** Too many unknown keys came from an address. */
export type KeyRefused = { retryAfterSeconds: number };

export type KeyResolver = {
  /**
   * Whose key it is, or null: malformed, unknown, revoked, expired, or of a disabled member. Throws when Postgres is
   * away and the answer is not known (any more).
   */
  resolveKey(plain: string): Promise<ResolvedKey | null>;
  /** The same for a caller from the network, who is slowed down when trying keys. */
  resolveFrom(plain: string, from: { address: string | null }): Promise<ResolvedKey | KeyRefused | null>;
  close(): void;
};

type LiveKey = ResolvedKey & { expiresAt: Date | null };

const MAX_KEYS = 10_000;
/** What is believed when nobody tells otherwise: NOTIFY tells within milliseconds, unless its connection is down. */
const TTL_MS = 10_000;
/** Unknown keys have a place of their own, so that trying many pushes no good one out. */
const MAX_UNKNOWN = 5_000;
const UNKNOWN_TTL_MS = 10_000;
/** How long a key that was good is no guess. Whether it still is good is asked as ever. */
const PROVEN_TTL_MS = 12 * 3600 * 1_000;

/** Resolves virtual keys through a cache that NOTIFY invalidates. Malformed keys never reach the database. */
export function createKeyResolver(context: Pick<Context, 'database' | 'log' | 'now'>): KeyResolver {
  const { database } = context;
  const known = createCache<LiveKey>({ max: MAX_KEYS, ttlMs: TTL_MS, missingTtlMs: 1, groupOf: (key) => key.userId });
  const unknown = new LRUCache<string, true>({ max: MAX_UNKNOWN, ttl: UNKNOWN_TTL_MS });
  const proven = new LRUCache<string, true>({ max: MAX_KEYS, ttl: PROVEN_TTL_MS });
  const guesses = createGuessLimit();
  const lastUsed = createLastUsed(context);
  const forget = (userId: string) => {
    known.invalidate(userId);
    // A member or key that was switched on again.
    unknown.clear();
  };
  const forgetAll = () => {
    known.clear();
    unknown.clear();
  };
  const unlisten = ['key_changed', 'user_changed'].map((channel) => database.listen(channel, forget, forgetAll));

  async function load(name: string): Promise<LiveKey | null> {
    const hash = Buffer.from(name, 'base64');
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

  async function resolve(userId: string, name: string): Promise<ResolvedKey | null> {
    if (unknown.has(name)) return null;
    const key = await known.get(name, () => load(name));
    const isGood = key !== null && key.userId === userId && !(key.expiresAt && key.expiresAt <= context.now());
    if (key === null) unknown.set(name, true);
    if (!isGood) {
      proven.delete(name);
      return null;
    }
    proven.set(name, true);
    lastUsed.mark(key.keyId);
    return { keyId: key.keyId, userId: key.userId, kind: key.kind, sandbox: key.sandbox };
  }

  return {
    async resolveKey(plain) {
      const userId = userIdOfVirtualKey(plain);
      if (!userId) return null;
      return resolve(userId, nameOfVirtualKey(plain));
    },
    async resolveFrom(plain, { address }) {
      const userId = userIdOfVirtualKey(plain);
      if (!userId) return null;
      const name = nameOfVirtualKey(plain);
      // Its owner may share an address with somebody who guesses.
      if (address !== null && !proven.has(name)) {
        const wait = await guesses.waitSeconds(address);
        if (wait !== null) return { retryAfterSeconds: wait };
      }
      const key = await resolve(userId, name);
      if (!key && address !== null) await guesses.wrong(address);
      return key;
    },
    close: () => {
      lastUsed.close();
      unlisten.forEach((stop) => stop());
    },
  };
}
