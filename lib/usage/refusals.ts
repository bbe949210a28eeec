import { UnavailableError } from '../errors.ts';
import type { LimitRefusal } from '../gateway/ledger.ts';
import type { Account, NoRoom } from './budgets/account.ts';
import { formatMicros } from './money.ts';

/** A running call usually ends by then. Seconds. */
const RUNNING_CALL_SECONDS = 5;

/** What is said when a budget has no room for a call. */
export function budgetRefusal(
  account: Account,
  noRoom: NoRoom,
  needed: number,
  at: Date,
  timeZone: string,
): LimitRefusal {
  const { budget, period } = account;
  const whose = budget.owner === 'team' ? `The team's ${budget.kind} budget` : `Your ${budget.kind} budget`;
  const spent = `${formatMicros(noRoom.spentMicros)} of ${formatMicros(noRoom.limitMicros)}`;
  const resetsAt = period.end.toISOString();
  const resets = `It resets ${formatReset(period.end, timeZone)}.`;
  if (noRoom.temporary) {
    return {
      refused: 'budget',
      message: `${whose} (${spent} spent) is held by calls that are running.`,
      next: 'Try again when one of them has ended.',
      retryAfterSeconds: RUNNING_CALL_SECONDS,
      resetsAt,
    };
  }
  const left = Math.max(0, noRoom.limitMicros - noRoom.spentMicros);
  const retryAfterSeconds = Math.max(1, Math.ceil((period.end.getTime() - at.getTime()) / 1_000));
  if (left === 0) {
    return {
      refused: 'budget',
      message: `${whose} is spent: ${spent}. ${resets}`,
      next: 'Ask an admin for more.',
      retryAfterSeconds,
      resetsAt,
    };
  }
  return {
    refused: 'budget',
    message: `${whose} has ${formatMicros(left)} left (${spent} spent), and this call may cost up to ${formatMicros(needed)}. ${resets}`,
    next: 'Ask for fewer output tokens, use a cheaper model, or ask an admin for more.',
    retryAfterSeconds,
    resetsAt,
  };
}

export function formatReset(at: Date, timeZone: string): string {
  return at.toLocaleString('en-GB', { timeZone, day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
}

export function modelRefusal(provider: string, model: string): LimitRefusal {
  return {
    refused: 'model_not_allowed',
    message: `The model ${provider}/${model} is not open to you here.`,
    next: 'Use another one, or ask an admin to allow it.',
  };
}

export function unpricedRefusal(provider: string, model: string | null): LimitRefusal {
  return {
    refused: 'model_not_allowed',
    message: `The model ${provider}/${model ?? '(none)'} has no price here, and models without one are not used.`,
    next: 'Use another one, or ask an admin to set its price.',
  };
}

const NOT_BOOKED = 'Model calls cannot be booked at the moment, so none are made.';
const AGAIN = 'Try again in a few seconds.';

/** Postgres or the journal is away: nothing is let through. */
export function bookingUnavailable(cause?: unknown): UnavailableError {
  return new UnavailableError('usage_unavailable', NOT_BOOKED, { next: AGAIN, retryAfterSeconds: 3, cause });
}

/** The same for a call that has begun. */
export function bookingRefusal(): LimitRefusal {
  return { refused: 'budget', message: NOT_BOOKED, next: AGAIN, retryAfterSeconds: 3 };
}
