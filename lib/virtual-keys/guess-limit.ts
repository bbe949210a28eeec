import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Slows down who tries keys: counts unknown ones by the address that they come from. */
export type GuessLimit = {
  /** Seconds until the address may try keys again that are not known to be good; null: it may now. */
  waitSeconds(address: string): Promise<number | null>;
  wrong(address: string): Promise<void>;
};

/** Unknown keys of one address a minute. A sandbox with an old key does not come near it. */
const GUESSES = 30;
const WINDOW_SECONDS = 60;

/**
 * In memory, per process: a key has 128 random bits, so that this spares the database more than it protects the keys.
 * The limiter forgets addresses by itself when their minute is over.
 */
export function createGuessLimit(): GuessLimit {
  const limiter = new RateLimiterMemory({ points: GUESSES, duration: WINDOW_SECONDS });
  return {
    async waitSeconds(address) {
      const state = await limiter.get(address);
      if (!state || state.consumedPoints < GUESSES) return null;
      return Math.max(1, Math.ceil(state.msBeforeNext / 1_000));
    },
    async wrong(address) {
      // One too many is the news for the next one that asks.
      await limiter.consume(address).catch((error: unknown) => {
        if (!(error instanceof RateLimiterRes)) throw error;
      });
    },
  };
}
