import { LRUCache } from 'lru-cache';

export type CacheOptions<Value> = {
  /** Entries kept; the least recently used goes first. */
  max: number;
  /** Milliseconds that an entry is believed without being told otherwise. */
  ttlMs: number;
  /** Milliseconds that "there is none" is believed. */
  missingTtlMs: number;
  /** The name under which `invalidate` finds the entry, usually the user's id. */
  groupOf(value: Value): string;
};

export type Cache<Value> = {
  get(key: string, load: () => Promise<Value | null>): Promise<Value | null>;
  /** Forgets the entries of a group, also those being loaded now. */
  invalidate(group: string): void;
  clear(): void;
};

/** `null` is not a value that the LRU keeps. */
type Entry<Value> = { value: Value | null };

/**
 * A bounded cache in front of the database. A load that started before an invalidation is not kept, because it may have
 * read what is no longer so; callers at the same time share one load.
 */
export function createCache<Value extends object>({
  max,
  ttlMs,
  missingTtlMs,
  groupOf,
}: CacheOptions<Value>): Cache<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ max, ttl: ttlMs, dispose: (entry, key) => forget(entry, key) });
  const groups = new Map<string, Set<string>>();
  const loading = new Map<string, { generation: number; result: Promise<Value | null> }>();
  let generation = 0;

  function forget({ value }: Entry<Value>, key: string): void {
    if (!value) return;
    const group = groups.get(groupOf(value));
    group?.delete(key);
    if (group?.size === 0) groups.delete(groupOf(value));
  }

  function keep(key: string, value: Value | null): void {
    entries.set(key, { value }, { ttl: value ? ttlMs : missingTtlMs });
    if (!value) return;
    const group = groups.get(groupOf(value)) ?? new Set();
    groups.set(groupOf(value), group.add(key));
  }

  async function load(key: string, read: () => Promise<Value | null>, started: number): Promise<Value | null> {
    try {
      const value = await read();
      if (started === generation) keep(key, value);
      return value;
    } finally {
      if (loading.get(key)?.generation === started) loading.delete(key);
    }
  }

  return {
    get(key, read) {
      const entry = entries.get(key);
      if (entry) return Promise.resolve(entry.value);
      const running = loading.get(key);
      if (running?.generation === generation) return running.result;
      const result = load(key, read, generation);
      loading.set(key, { generation, result });
      return result;
    },
    invalidate(group) {
      generation += 1;
      for (const key of groups.get(group) ?? []) entries.delete(key);
      // "There is none" belongs to no group and may have become wrong.
      for (const [key, { value }] of entries.entries()) if (!value) entries.delete(key);
    },
    clear() {
      generation += 1;
      entries.clear();
      groups.clear();
    },
  };
}
