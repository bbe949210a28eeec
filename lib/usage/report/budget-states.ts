import type { Context } from '../../context.ts';
import { type Budget, limitAt } from '../budgets/budget.ts';
import { loadBudgets } from '../budgets/load.ts';
import { type Calendar, createCalendar, type Period, type PeriodKind } from '../periods.ts';

type Reads = Pick<Context, 'database' | 'settings' | 'now'>;

export type BudgetLevel = 'ok' | 'warning' | 'spent';

/** How a budget stands now. Micro-dollars. */
export type BudgetState = {
  id: string;
  owner: 'user' | 'team';
  kind: PeriodKind;
  spentMicros: number;
  limitMicros: number;
  /** Of the limit: raises that hold now. */
  raisedMicros: number;
  raiseEndsAt: Date | null;
  warnPercent: number;
  resetsAt: Date;
  state: BudgetLevel;
};

/** The budgets that limit a user, the one that ends first at the top. */
export async function budgetStates(context: Reads, userId: string): Promise<BudgetState[]> {
  const calendar = createCalendar(context.settings.usage.timeZone);
  const at = context.now();
  const budgets = await loadBudgets(context, userId);
  const states = await Promise.all(
    budgets.map(async (budget) => {
      const period = calendar.periodOf(budget.kind, at);
      return stateOf(budget, period, await spentIn(context, budget, period, userId), at);
    }),
  );
  return states.sort((a, b) => shareSpent(b) - shareSpent(a));
}

function stateOf(budget: Budget, period: Period, spentMicros: number, at: Date): BudgetState {
  const limitMicros = limitAt(budget, at);
  const ends = budget.raises.map(({ expiresAt }) => expiresAt).filter((expiresAt) => expiresAt > at);
  return {
    id: budget.id,
    owner: budget.owner,
    kind: budget.kind,
    spentMicros,
    limitMicros,
    raisedMicros: limitMicros - budget.limitMicros,
    raiseEndsAt: ends.length > 0 ? new Date(Math.min(...ends.map((end) => end.getTime()))) : null,
    warnPercent: budget.warnPercent,
    resetsAt: period.end,
    state: levelOf(spentMicros, limitMicros, budget.warnPercent),
  };
}

export function levelOf(spentMicros: number, limitMicros: number, warnPercent: number): BudgetLevel {
  if (spentMicros >= limitMicros) return 'spent';
  return spentMicros * 100 >= limitMicros * warnPercent ? 'warning' : 'ok';
}

function shareSpent({ spentMicros, limitMicros }: BudgetState): number {
  return limitMicros === 0 ? 1 : spentMicros / limitMicros;
}

async function spentIn(context: Reads, budget: Budget, period: Period, userId: string): Promise<number> {
  const row = await context.database.db
    .selectFrom('budget_periods')
    .where('budget', '=', budget.id)
    .where('period_start', '=', period.start)
    .select('spent_micros')
    .executeTakeFirst();
  return row?.spent_micros ?? spentInDays(context, period, budget.owner === 'team' ? null : userId);
}

/** @param userId null: everybody */
export async function spentInDays({ database }: Reads, period: Period, userId: string | null): Promise<number> {
  const row = await database.db
    .selectFrom('usage_daily')
    .where('day', '>=', dayValue(period.firstDay))
    .where('day', '<=', dayValue(period.lastDay))
    .$if(userId !== null, (query) => query.where('user_id', '=', userId ?? ''))
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('cost_micros'), eb.lit(0)).as('cost'))
    .executeTakeFirst();
  return Number(row?.cost ?? 0);
}

/** The driver takes days as text; the generated types say Date. */
export function dayValue(day: string): Date {
  return day as unknown as Date;
}

export type MyUsage = {
  spentMicros: number;
  /** Null: nobody limits it. */
  limitMicros: number | null;
  resetsAt: string;
  state: BudgetLevel;
};

/** What the widget shows: the budget that ends first, or this month where there is none. */
export async function myUsage(context: Reads, userId: string): Promise<MyUsage> {
  const [first] = await budgetStates(context, userId);
  if (first) {
    const { spentMicros, limitMicros, resetsAt, state } = first;
    return { spentMicros, limitMicros, resetsAt: resetsAt.toISOString(), state };
  }
  const month = monthOf(context);
  const spentMicros = await spentInDays(context, month, userId);
  return { spentMicros, limitMicros: null, resetsAt: month.end.toISOString(), state: 'ok' };
}

function monthOf(context: Reads): Period {
  const calendar: Calendar = createCalendar(context.settings.usage.timeZone);
  return calendar.periodOf('monthly', context.now());
}
