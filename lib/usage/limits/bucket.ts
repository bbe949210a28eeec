import { LRUCache } from 'lru-cache';

export type Buckets = {
  /** Takes from the user's bucket, or tells after how many seconds it could. */
  take(userId: string, amount: number, perMinute: number): { ok: true } | { ok: false; retryAfterSeconds: number };
  /** Corrects what was taken by an estimate; a negative amount takes more. */
  giveBack(userId: string, amount: number): void;
};

type Bucket = { level: number; at: number; perMinute: number };

const MAX_USERS = 10_000;

/**
 * Token buckets: a minute's worth at once, refilled evenly. In memory, because each call asks. What is larger than a
 * whole bucket gets through a full one and leaves it in debt.
 * @param now milliseconds of a clock that only goes forward
 */
export function createBuckets(now: () => number = () => performance.now()): Buckets {
  const buckets = new LRUCache<string, Bucket>({ max: MAX_USERS });

  function refilled(userId: string, perMinute: number): Bucket {
    const time = now();
    const bucket = buckets.get(userId) ?? { level: perMinute, at: time, perMinute };
    bucket.level += perMinute - bucket.perMinute;
    bucket.perMinute = perMinute;
    bucket.level = Math.min(perMinute, bucket.level + ((time - bucket.at) / 60_000) * perMinute);
    bucket.at = time;
    buckets.set(userId, bucket);
    return bucket;
  }

  return {
    take(userId, amount, perMinute) {
      const bucket = refilled(userId, perMinute);
      const needed = Math.min(amount, perMinute);
      if (bucket.level >= needed && perMinute > 0) {
        bucket.level -= amount;
        return { ok: true };
      }
      if (perMinute === 0) return { ok: false, retryAfterSeconds: 60 };
      return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(((needed - bucket.level) / perMinute) * 60)) };
    },
    giveBack(userId, amount) {
      const bucket = buckets.get(userId);
      if (bucket) bucket.level = Math.min(bucket.perMinute, bucket.level + amount);
    },
  };
}
