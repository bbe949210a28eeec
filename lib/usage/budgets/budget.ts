import type { PeriodKind } from '../periods.ts';

/** A limit that applies to a user: one of their own, or the team's. Money is in micro-dollars. */
export type Budget = {
  id: string;
  owner: 'user' | 'team';
  kind: PeriodKind;
  /** Without raises. */
  limitMicros: number;
  /** What the settings say, for rows that follow them; null: nothing. */
  defaultMicros: number | null;
  raises: readonly { amountMicros: number; expiresAt: Date }[];
  warnPercent: number;
};

/** The limit with the raises that hold at a moment. */
export function limitAt(budget: Budget, at: Date): number {
  const live = budget.raises.filter(({ expiresAt }) => expiresAt > at);
  return live.reduce((sum, { amountMicros }) => sum + amountMicros, budget.limitMicros);
}
