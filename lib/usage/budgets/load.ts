import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import { PERIOD_KINDS, type PeriodKind } from '../periods.ts';
import type { Budget } from './budget.ts';

type Reads = Pick<Context, 'database' | 'settings'>;

/**
 * The budgets that limit a user. Where the settings give everybody one, its row is made when it is first asked for: what
 * is spent and leased is booked on rows.
 */
export async function loadBudgets(context: Reads, userId: string): Promise<Budget[]> {
  const { budgets: defaults, warnPercent } = context.settings.usage;
  await makeDefaults(context, userId);
  const { db } = context.database;
  const rows = await db
    .selectFrom('budgets')
    .where((eb) => eb.or([eb('user_id', '=', userId), eb('user_id', 'is', null)]))
    .where('mode', '<>', 'unlimited')
    .selectAll()
    .orderBy('user_id')
    .orderBy('period')
    .execute();
  const raises =
    rows.length === 0
      ? []
      : await db
          .selectFrom('budget_raises')
          .where(
            'budget',
            'in',
            rows.map(({ id }) => id),
          )
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', sql<Date>`now() - interval '1 day'`)
          .select(['budget', 'amount_micros', 'expires_at'])
          .execute();
  return rows.flatMap((row) => {
    const owner = row.user_id === null ? 'team' : 'user';
    const defaultMicros = defaults[owner][row.period];
    const limitMicros = row.mode === 'limited' ? row.limit_micros : defaultMicros;
    if (limitMicros === null) return [];
    return {
      id: row.id,
      owner,
      kind: row.period,
      limitMicros,
      defaultMicros,
      warnPercent: row.warn_percent ?? warnPercent,
      raises: raises
        .filter(({ budget }) => budget === row.id)
        .map(({ amount_micros, expires_at }) => ({ amountMicros: amount_micros, expiresAt: expires_at })),
    } satisfies Budget;
  });
}

async function makeDefaults(context: Reads, userId: string): Promise<void> {
  const { user, team } = context.settings.usage.budgets;
  const wanted = (limits: Record<PeriodKind, number | null>, owner: string | null) =>
    PERIOD_KINDS.filter((kind) => limits[kind] !== null).map((period) => ({ user_id: owner, period }));
  const rows = [...wanted(user, userId), ...wanted(team, null)];
  if (rows.length === 0) return;
  await context.database.db
    .insertInto('budgets')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['user_id', 'period']).doNothing())
    .execute();
}
