import { formatMicros } from '../../lib/usage/money.ts';
import type { BudgetLevel, BudgetState } from '../../lib/usage/report/budget-states.ts';

export type BudgetView = {
  id: string;
  title: string;
  spent: string;
  limit: string;
  left: string;
  /** Whole percent; more than 100 when calls cost more than was held for them. */
  percent: number;
  state: BudgetLevel;
  word: string;
  resets: string;
  raise: string | null;
};

/** A budget in words. */
export function viewBudget(budget: BudgetState, timeZone: string): BudgetView {
  const { spentMicros, limitMicros, state } = budget;
  const percent = limitMicros === 0 ? 100 : Math.floor((spentMicros / limitMicros) * 100);
  const moment = (at: Date) =>
    at.toLocaleString('en-GB', { timeZone, day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
  const words = { ok: 'In budget', warning: `${percent}% spent`, spent: 'Spent' };
  return {
    id: budget.id,
    title: budget.owner === 'team' ? `The team's ${budget.kind} budget` : `Your ${budget.kind} budget`,
    spent: formatMicros(spentMicros),
    limit: formatMicros(limitMicros),
    left: formatMicros(Math.max(0, limitMicros - spentMicros)),
    percent,
    state,
    word: words[state],
    resets: moment(budget.resetsAt),
    raise:
      budget.raiseEndsAt === null
        ? null
        : `${formatMicros(budget.raisedMicros)} of it for a while: until ${moment(budget.raiseEndsAt)}.`,
  };
}

/** `31 May`: days of a calendar have no time zone. */
export function dayLabel(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
}

export function monthLabel(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-GB', {
    timeZone: 'UTC',
    month: 'long',
    year: 'numeric',
  });
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
