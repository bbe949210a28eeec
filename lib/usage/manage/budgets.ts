import { sql } from 'kysely';
import { audit } from '../../audit.ts';
import type { Context } from '../../context.ts';
import type { Queryable } from '../../db/database.ts';
import { NotFoundError } from '../../errors.ts';
import type { PeriodKind } from '../periods.ts';

export type Admin = { id: string; requestId?: string | undefined };

export type BudgetRow = {
  id: string;
  /** Null: the team's. */
  userId: string | null;
  email: string | null;
  period: PeriodKind;
  mode: 'default' | 'limited' | 'unlimited';
  /** The limit in force, without raises; null: none. */
  limitMicros: number | null;
  warnPercent: number;
  raises: { id: string; amountMicros: number; reason: string; expiresAt: string }[];
};

export type PageOptions = { page: number; size: number };

/** Budgets that have a row: those that were set, and defaults that somebody has used. */
export async function listBudgets(
  { database, settings }: Pick<Context, 'database' | 'settings'>,
  { page, size }: PageOptions,
): Promise<{ rows: BudgetRow[]; nextPage: number | null }> {
  const rows = await database.db
    .selectFrom('budgets')
    .leftJoin('users', 'users.id', 'budgets.user_id')
    .selectAll('budgets')
    .select('users.email')
    .orderBy(sql`budgets.user_id is not null`)
    .orderBy('users.email')
    .orderBy('budgets.period')
    .orderBy('budgets.id')
    .limit(size + 1)
    .offset((page - 1) * size)
    .execute();
  const shown = rows.slice(0, size);
  const raises =
    shown.length === 0
      ? []
      : await database.db
          .selectFrom('budget_raises')
          .where(
            'budget',
            'in',
            shown.map(({ id }) => id),
          )
          .where('revoked_at', 'is', null)
          .where('expires_at', '>', sql<Date>`now()`)
          .selectAll()
          .orderBy('expires_at')
          .execute();
  return {
    rows: shown.map((row) => ({
      id: row.id,
      userId: row.user_id,
      email: row.email,
      period: row.period,
      mode: row.mode,
      limitMicros:
        row.mode === 'default'
          ? settings.usage.budgets[row.user_id === null ? 'team' : 'user'][row.period]
          : row.limit_micros,
      warnPercent: row.warn_percent ?? settings.usage.warnPercent,
      raises: raises
        .filter(({ budget }) => budget === row.id)
        .map((raise) => ({
          id: raise.id,
          amountMicros: raise.amount_micros,
          reason: raise.reason,
          expiresAt: raise.expires_at.toISOString(),
        })),
    })),
    nextPage: rows.length > size ? page + 1 : null,
  };
}

export type BudgetChange = {
  userId: string | null;
  period: PeriodKind;
  mode: 'default' | 'limited' | 'unlimited';
  limitMicros: number | null;
  /** Null: that of the settings. */
  warnPercent: number | null;
};

/** Sets a budget of a user or of the team. In force on every instance within a second. Throws `member_not_found`. */
export async function setBudget(
  { database }: Pick<Context, 'database'>,
  change: BudgetChange,
  by: Admin,
): Promise<string> {
  const { userId, period, mode, limitMicros, warnPercent } = change;
  return database.db.transaction().execute(async (trx) => {
    if (userId !== null) await requireUser(trx, userId);
    const set = { mode, limit_micros: limitMicros, warn_percent: warnPercent };
    const { id } = await trx
      .insertInto('budgets')
      .values({ user_id: userId, period, ...set })
      .onConflict((conflict) => conflict.columns(['user_id', 'period']).doUpdateSet(set))
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(trx, {
      actor: { kind: 'admin', id: by.id },
      action: 'budget.set',
      target: { kind: 'budget', id },
      details: { userId, period, mode, limitMicros, warnPercent },
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
    });
    return id;
  });
}

export type RaiseOptions = { budget: string; amountMicros: number; expiresAt: Date; reason: string };

/** Adds to a budget until a moment. Throws `budget_not_found`. */
export async function addRaise(
  { database }: Pick<Context, 'database'>,
  raise: RaiseOptions,
  by: Admin,
): Promise<string> {
  return database.db.transaction().execute(async (trx) => {
    const budget = await trx.selectFrom('budgets').where('id', '=', raise.budget).select('id').executeTakeFirst();
    if (!budget) throw new NotFoundError('budget_not_found', 'There is no such budget.', { next: 'Set it first.' });
    const { id } = await trx
      .insertInto('budget_raises')
      .values({
        budget: raise.budget,
        amount_micros: raise.amountMicros,
        expires_at: raise.expiresAt,
        reason: raise.reason,
        created_by: by.id,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(trx, {
      actor: { kind: 'admin', id: by.id },
      action: 'budget.raised',
      target: { kind: 'budget', id: raise.budget },
      details: {
        raise: id,
        amountMicros: raise.amountMicros,
        expiresAt: raise.expiresAt.toISOString(),
        reason: raise.reason,
      },
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
    });
    return id;
  });
}

/** Ends a raise before its time. Throws `raise_not_found`. */
export async function revokeRaise({ database }: Pick<Context, 'database'>, raiseId: string, by: Admin): Promise<void> {
  await database.db.transaction().execute(async (trx) => {
    const raise = await trx
      .updateTable('budget_raises')
      .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())` })
      .where('id', '=', raiseId)
      .returning('budget')
      .executeTakeFirst();
    if (!raise) throw new NotFoundError('raise_not_found', 'There is no such raise.');
    await audit(trx, {
      actor: { kind: 'admin', id: by.id },
      action: 'budget.raise_revoked',
      target: { kind: 'budget', id: raise.budget },
      details: { raise: raiseId },
      ...(by.requestId === undefined ? {} : { requestId: by.requestId }),
    });
  });
}

export async function requireUser(on: Queryable, userId: string): Promise<void> {
  const user = await on.selectFrom('users').where('id', '=', userId).select('id').executeTakeFirst();
  if (!user) throw new NotFoundError('member_not_found', 'There is no such member.');
}
