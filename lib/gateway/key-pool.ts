import type { ProviderKey } from './provider.ts';

/** How long a key rests after an answer, unless the provider says for how long. Milliseconds. */
const REJECTED_MS = 5 * 60_000;
const LIMITED_MS = 10_000;
const FAILED_MS = 2_000;
/** Longest rest that a provider can ask for. */
const LONGEST_MS = 10 * 60_000;

export type KeyPool = {
  /** A key by weight of those that do not rest; when all rest, the one whose rest ends first. Null: none left untried. */
  pick(tried?: ReadonlySet<ProviderKey>): ProviderKey | null;
  /** What a provider answered to a key. */
  answered(key: ProviderKey, status: number, retryAfterMs: number | null): void;
};

export type KeyPoolClock = { now: () => number; random: () => number };

export function createKeyPool(
  keys: readonly ProviderKey[],
  clock: KeyPoolClock = { now: Date.now, random: Math.random },
): KeyPool {
  const restingUntil = new Map<ProviderKey, number>();
  return {
    pick: (tried) => {
      const [first] = keys;
      if (first === undefined) return null;
      if (keys.length === 1) return tried?.has(first) ? null : first;
      const untried = keys.filter((key) => !tried?.has(key));
      const now = clock.now();
      const awake = untried.filter((key) => (restingUntil.get(key) ?? 0) <= now);
      if (awake.length > 0) return byWeight(awake, clock.random());
      // A rested key may work again by now; refusing the call here would surely fail it.
      return untried.toSorted((a, b) => (restingUntil.get(a) ?? 0) - (restingUntil.get(b) ?? 0))[0] ?? null;
    },
    answered: (key, status, retryAfterMs) => {
      const rest = restAfter(status, retryAfterMs);
      if (rest > 0) restingUntil.set(key, clock.now() + rest);
      else if (status < 400 && restingUntil.size > 0) restingUntil.delete(key);
    },
  };
}

function restAfter(status: number, retryAfterMs: number | null): number {
  if (status === 401 || status === 407) return REJECTED_MS;
  if (status === 429) return Math.min(retryAfterMs ?? LIMITED_MS, LONGEST_MS);
  return status >= 500 ? Math.min(retryAfterMs ?? FAILED_MS, LONGEST_MS) : 0;
}

function byWeight(keys: readonly ProviderKey[], random: number): ProviderKey | null {
  let at = random * keys.reduce((sum, key) => sum + key.weight, 0);
  for (const key of keys) {
    at -= key.weight;
    if (at < 0) return key;
  }
  return keys.at(-1) ?? null;
}

/**
 * Statuses after which another key may do better, and which say that nothing was made. Not 504 and the like: the call
 * may have run, and would run twice.
 */
export function isWorthAnotherKey(status: number): boolean {
  return (
    status === 401 ||
    status === 407 ||
    status === 429 ||
    status === 500 ||
    status === 502 ||
    status === 503 ||
    status === 529
  );
}

/** `retry-after-ms` or `retry-after` (seconds or a date) in milliseconds. */
export function retryAfterMs(header: (name: string) => string | undefined, now: number = Date.now()): number | null {
  const exact = Number(header('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const text = header('retry-after');
  if (text === undefined) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
