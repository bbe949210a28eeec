import { AppError } from '../../lib/errors.ts';

export type ConcurrencyLimit = {
  /** Counts one more for the person; call what it returns when that one has ended. Throws `too_many_requests` (429). */
  enter(userId: string): () => void;
};

/** Bounds what one person holds open at the same time, so that one runaway page cannot use up the front. */
export function createConcurrencyLimit(max: number, what: string): ConcurrencyLimit {
  const open = new Map<string, number>();
  return {
    enter: (userId) => {
      const count = open.get(userId) ?? 0;
      if (count >= max) {
        throw new AppError('too_many_requests', `Too many ${what} at the same time.`, {
          status: 429,
          retryAfterSeconds: 5,
          next: 'Close some tabs and try again.',
        });
      }
      open.set(userId, count + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        const rest = (open.get(userId) ?? 1) - 1;
        if (rest > 0) open.set(userId, rest);
        else open.delete(userId);
      };
    },
  };
}
