import type { LimitRefusal } from '../../gateway/ledger.ts';
import type { Policy } from '../policy.ts';
import { createBuckets } from './bucket.ts';

export type Limits = {
  /** Counts a call that begins; null when it may. */
  enter(policy: Policy, tokens: number): LimitRefusal | null;
  /** It is over. @param correction tokens that it used less than was counted (more when negative) */
  leave(userId: string, correction: number): void;
  /** Counts more tokens for a call that has begun. */
  addTokens(policy: Policy, tokens: number): LimitRefusal | null;
};

/**
 * Requests and tokens a minute, and requests at the same time. Each instance gives out its share of a limit, so that
 * several together never give out more than the whole.
 * @param instances how many share the limits now
 */
export function createLimits(instances: () => number, now?: () => number): Limits {
  const requests = createBuckets(now);
  const tokensPerMinute = createBuckets(now);
  const open = new Map<string, number>();
  const share = (limit: number) => Math.max(Math.min(limit, 1), Math.floor(limit / instances()));

  function takeTokens(policy: Policy, tokens: number): LimitRefusal | null {
    if (policy.tokensPerMinute === null || tokens === 0) return null;
    const taken = tokensPerMinute.take(policy.userId, tokens, share(policy.tokensPerMinute));
    if (taken.ok) return null;
    const { retryAfterSeconds } = taken;
    return {
      refused: 'tokens_per_minute',
      message: `You may use ${policy.tokensPerMinute} tokens a minute, and they are used up.`,
      next: `Try again in ${retryAfterSeconds} s, or ask an admin for more.`,
      retryAfterSeconds,
    };
  }

  return {
    enter(policy, tokens) {
      const running = open.get(policy.userId) ?? 0;
      if (running >= share(policy.parallelRequests)) {
        return {
          refused: 'parallel',
          message: `You may have ${policy.parallelRequests} model calls running at the same time, and they are.`,
          next: 'Wait until one of them ends.',
          retryAfterSeconds: 2,
        };
      }
      const taken = requests.take(policy.userId, 1, share(policy.requestsPerMinute));
      if (!taken.ok) {
        const { retryAfterSeconds } = taken;
        return {
          refused: 'requests_per_minute',
          message: `You may make ${policy.requestsPerMinute} model calls a minute, and they are made.`,
          next: `Try again in ${retryAfterSeconds} s, or ask an admin for more.`,
          retryAfterSeconds,
        };
      }
      const refusal = takeTokens(policy, tokens);
      if (refusal) {
        requests.giveBack(policy.userId, 1);
        return refusal;
      }
      open.set(policy.userId, running + 1);
      return null;
    },
    leave(userId, correction) {
      const running = (open.get(userId) ?? 1) - 1;
      if (running > 0) open.set(userId, running);
      else open.delete(userId);
      tokensPerMinute.giveBack(userId, correction);
    },
    addTokens: takeTokens,
  };
}
