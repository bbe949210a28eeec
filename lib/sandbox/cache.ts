import { createCache } from '../cache.ts';
import type { Context } from '../context.ts';
import { findSandbox } from './ensure.ts';
import type { SandboxRow } from './state.ts';

export type SandboxCache = {
  /** The sandbox of a user, at most 30 seconds old and usually milliseconds: NOTIFY invalidates it. */
  get(userId: string): Promise<SandboxRow | null>;
  /** Forgets it, when the caller knows better than the cache. */
  invalidate(userId: string): void;
  close(): void;
};

const MAX_ROWS = 10_000;
const TTL_MS = 30_000;
const MISSING_TTL_MS = 1_000;

export function createSandboxCache(context: Pick<Context, 'database'>): SandboxCache {
  const cache = createCache<SandboxRow>({
    max: MAX_ROWS,
    ttlMs: TTL_MS,
    missingTtlMs: MISSING_TTL_MS,
    groupOf: (row) => row.user_id,
  });
  const unlisten = context.database.listen('sandbox_changed', cache.invalidate, cache.clear);
  return {
    get: (userId) => cache.get(userId, async () => (await findSandbox(context, userId)) ?? null),
    invalidate: cache.invalidate,
    close: unlisten,
  };
}
