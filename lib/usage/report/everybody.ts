import type { Context } from '../../context.ts';
import type { DayRange } from './days.ts';
import { dayValue } from './budget-states.ts';

export type PersonRow = {
  userId: string;
  email: string;
  name: string;
  role: 'member' | 'admin';
  calls: number;
  failedCalls: number;
  estimatedCalls: number;
  inputTokens: number;
  outputTokens: number;
  costMicros: number;
};

export type PageOf<Row> = {
  rows: Row[];
  /** Number of the next page; null: this is the last. */ nextPage: number | null;
};

/** What everybody used in some days, those who spent most first. Pages count from 1. */
export async function usageByPerson(
  { database }: Pick<Context, 'database'>,
  { from, to }: DayRange,
  { page, size }: { page: number; size: number },
): Promise<PageOf<PersonRow>> {
  const rows = await database.db
    .selectFrom('users')
    .leftJoin('usage_daily', (join) =>
      join
        .onRef('usage_daily.user_id', '=', 'users.id')
        .on('usage_daily.day', '>=', dayValue(from))
        .on('usage_daily.day', '<=', dayValue(to)),
    )
    .groupBy('users.id')
    .select((eb) => {
      const sum = (
        column: 'calls' | 'failed_calls' | 'estimated_calls' | 'input_tokens' | 'output_tokens' | 'cost_micros',
      ) => eb.fn.coalesce(eb.fn.sum<number>(column), eb.lit(0)).as(column);
      return [
        'users.id',
        'users.email',
        'users.name',
        'users.role',
        sum('calls'),
        sum('failed_calls'),
        sum('estimated_calls'),
        sum('input_tokens'),
        sum('output_tokens'),
        sum('cost_micros'),
      ];
    })
    .orderBy('cost_micros', 'desc')
    .orderBy('users.email')
    .limit(size + 1)
    .offset((page - 1) * size)
    .execute();
  return {
    rows: rows.slice(0, size).map((row) => ({
      userId: row.id,
      email: row.email,
      name: row.name,
      role: row.role,
      calls: Number(row.calls),
      failedCalls: Number(row.failed_calls),
      estimatedCalls: Number(row.estimated_calls),
      inputTokens: Number(row.input_tokens),
      outputTokens: Number(row.output_tokens),
      costMicros: Number(row.cost_micros),
    })),
    nextPage: rows.length > size ? page + 1 : null,
  };
}
