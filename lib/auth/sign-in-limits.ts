import { createHash } from 'node:crypto';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Context } from '../context.ts';
import type { Queryable } from '../db/database.ts';
import { AppError } from '../errors.ts';

export type SignInLimits = {
  /** Counts an attempt before the password is looked at. Throws `too_many_attempts`, with the time to wait. */
  count(email: string, address: string): Promise<void>;
  /** The same for who is signed in and shows the password again. Strangers elsewhere use up none of these attempts. */
  countAgain(session: string, address: string): Promise<void>;
  /** A right password: the person starts again from nothing. */
  succeed(email: string, address: string): Promise<void>;
};

const MINUTE = 60;
const BOTH = 'sign-in';
const PERSON = 'sign-in-person';

/**
 * Against guessing: few attempts per person and place, more per person (who can be locked out for a while by others),
 * and per place, because checking a password is slow on purpose. Who is signed in has a few of their own, per session.
 */
export function createSignInLimits({ database }: Pick<Context, 'database'>): SignInLimits {
  const limiter = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterPostgres({
      storeClient: database.pool,
      storeType: 'pool',
      tableName: 'rate_limits',
      tableCreated: true,
      keyPrefix,
      points,
      duration,
    });
  const both = limiter(BOTH, 8, 15 * MINUTE);
  const person = limiter(PERSON, 50, 60 * MINUTE);
  const place = limiter('sign-in-place', 100, 5 * MINUTE);
  const again = limiter('password-again', 8, 15 * MINUTE);

  return {
    async count(email, address) {
      await consume(place, address);
      await consume(person, email);
      await consume(both, pair(email, address));
    },
    async countAgain(session, address) {
      await consume(place, address);
      await consume(again, session, ', or sign out and in again');
    },
    async succeed(email, address) {
      await both.delete(hashed(pair(email, address)));
      await person.reward(hashed(email));
    },
  };
}

async function consume(limiter: RateLimiterPostgres, key: string, otherwise = ''): Promise<void> {
  try {
    await limiter.consume(hashed(key));
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    throw new AppError('too_many_attempts', 'There were too many attempts.', {
      status: 429,
      retryAfterSeconds: seconds,
      next: `Try again in ${seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`}${otherwise}.`,
    });
  }
}

/**
 * The person has proved in another way who they are, so that what was guessed before counts no longer, from any place
 * together or from this one. What the place itself did stays counted: it may have tried many people.
 */
export async function forgetAttempts(on: Queryable, email: string, address: string): Promise<void> {
  // The keys are as the library makes them; a test tells when it makes others.
  const keys = [`${PERSON}:${hashed(email)}`, `${BOTH}:${hashed(pair(email, address))}`];
  await on.deleteFrom('rate_limits').where('key', 'in', keys).execute();
}

function pair(email: string, address: string): string {
  return `${email} ${address}`;
}

/** Names and addresses of people have no business in a table of counters. */
function hashed(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}
