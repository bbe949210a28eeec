import { LRUCache } from 'lru-cache';
import type { Context } from '../context.ts';
import type { Budget } from './budgets/budget.ts';
import { loadBudgets } from './budgets/load.ts';

/** All that decides what one user may ask for. */
export type Policy = {
  userId: string;
  budgets: readonly Budget[];
  requestsPerMinute: number;
  /** Null: as many as they like. */
  tokensPerMinute: number | null;
  parallelRequests: number;
  models: readonly string[];
};

export type Policies = {
  /** What is known now, without asking. Undefined: `load` it. */
  peek(userId: string): Policy | undefined;
  /** Throws while Postgres is away and nothing is known. */
  load(userId: string): Promise<Policy>;
  close(): void;
};

const MAX_USERS = 10_000;
/** How long a policy is believed without being told otherwise; NOTIFY tells within milliseconds. */
const TTL_MS = 30_000;
/** How long it is believed while Postgres cannot be asked. */
const STALE_MS = 120_000;

type Entry = { policy: Policy; at: number };

/** The users' policies, cached. What changes them invalidates the cache everywhere. */
export function createPolicies(context: Pick<Context, 'database' | 'settings' | 'log'>): Policies {
  const { database, log } = context;
  const entries = new LRUCache<string, Entry>({ max: MAX_USERS });
  const loading = new Map<string, Promise<Policy>>();
  let generation = 0;

  function forget(payload: string): void {
    generation += 1;
    loading.clear();
    if (payload === '*') entries.clear();
    else entries.delete(payload);
  }
  const all = () => forget('*');
  const unlisten = [database.listen('usage_changed', forget, all), database.listen('user_changed', forget, all)];

  async function load(userId: string): Promise<Policy> {
    const started = generation;
    const old = entries.get(userId);
    try {
      const policy = await loadPolicy(context, userId);
      if (started === generation) entries.set(userId, { policy, at: performance.now() });
      return policy;
    } catch (error) {
      if (!old || performance.now() - old.at > STALE_MS) throw error;
      log.warn({ err: error, userId }, 'limits could not be read anew, the last known ones hold');
      return old.policy;
    }
  }

  return {
    peek(userId) {
      const entry = entries.get(userId);
      return entry && performance.now() - entry.at <= TTL_MS ? entry.policy : undefined;
    },
    load(userId) {
      const running = loading.get(userId);
      if (running) return running;
      const result = load(userId).finally(() => {
        if (loading.get(userId) === result) loading.delete(userId);
      });
      loading.set(userId, result);
      return result;
    },
    close: () => unlisten.forEach((stop) => stop()),
  };
}

async function loadPolicy(context: Pick<Context, 'database' | 'settings'>, userId: string): Promise<Policy> {
  const { db } = context.database;
  const { limits, models } = context.settings.usage;
  const row = await db
    .selectFrom('users')
    .leftJoin('usage_limits', 'usage_limits.user_id', 'users.id')
    .leftJoin('role_models', 'role_models.role', 'users.role')
    .where('users.id', '=', userId)
    .select([
      'users.role',
      'usage_limits.requests_per_minute',
      'usage_limits.tokens_per_minute',
      'usage_limits.parallel_requests',
      'usage_limits.models as own_models',
      'role_models.models as role_models',
    ])
    .executeTakeFirstOrThrow();
  return {
    userId,
    budgets: await loadBudgets(context, userId),
    requestsPerMinute: row.requests_per_minute ?? limits.requestsPerMinute,
    tokensPerMinute: row.tokens_per_minute ?? limits.tokensPerMinute,
    parallelRequests: row.parallel_requests ?? limits.parallelRequests,
    models: row.own_models ?? row.role_models ?? models[row.role],
  };
}
