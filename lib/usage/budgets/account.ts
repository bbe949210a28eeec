import type { Period } from '../periods.ts';
import type { Budget } from './budget.ts';

/**
 * What this instance may spend of a budget in a period, and what it does with it. `grantedMicros` was leased from
 * Postgres; of it `heldMicros` is reserved for calls that run, `usedMicros` was spent by calls whose events are not written
 * yet. All of it changes in this process alone, without waiting for anybody.
 */
export type Account = {
  key: string;
  budget: Budget;
  period: Period;
  grantedMicros: number;
  heldMicros: number;
  usedMicros: number;
  /** Until then sums above what was left are refused: spares Postgres the question. */
  refusal: { until: number; leftMicros: number; result: NoRoom } | null;
  /** The grant may rest on a raise: what is left of it is not used beyond its end. */
  validUntil: Date | null;
  waiters: Waiter[];
  leasing: boolean;
  /** Held lately, which says how much to keep at hand. */
  demandMicros: number;
  /** What the row says and what is said here may differ, after a question without an answer. */
  uncertain: boolean;
};

/** Why a budget has no room for a call. */
export type NoRoom = {
  refused: true;
  /** Spent according to Postgres, plus what this instance knows beyond it. */
  spentMicros: number;
  limitMicros: number;
  /** There is room once calls that run are settled, or other instances give back what they do not need. */
  temporary: boolean;
};

export type HoldResult = true | NoRoom;

export type Waiter = { amount: number; resolve: (result: HoldResult) => void; reject: (error: unknown) => void };

export function newAccount(budget: Budget, period: Period): Account {
  return {
    key: accountKey(budget.id, period.start),
    budget,
    period,
    grantedMicros: 0,
    heldMicros: 0,
    usedMicros: 0,
    refusal: null,
    validUntil: null,
    waiters: [],
    leasing: false,
    demandMicros: 0,
    uncertain: false,
  };
}

export function accountKey(budgetId: string, start: Date): string {
  return `${budgetId} ${start.getTime()}`;
}

export function availableMicros(account: Account): number {
  return account.grantedMicros - account.heldMicros - account.usedMicros;
}

/** Reserves from what is leased already. Those who wait for more come first. */
export function holdNow(account: Account, amount: number, now: Date): boolean {
  if (account.waiters.length > 0 || amount > availableMicros(account)) return false;
  if (account.validUntil !== null && now >= account.validUntil) return false;
  account.heldMicros += amount;
  account.demandMicros += amount;
  return true;
}

/** The call is over. */
export function settleHold(account: Account, held: number, cost: number): void {
  account.heldMicros -= held;
  account.usedMicros += cost;
}
