import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import { dayValue } from './budget-states.ts';

export type DayRow = {
  /** `2026-05-31`, in the time zone of usage. */
  day: string;
  provider: string;
  model: string;
  calls: number;
  failedCalls: number;
  estimatedCalls: number;
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  costMicros: number;
};

export type DayRange = { from: string; to: string };

export type DayReport = {
  rows: DayRow[];
  /** There are more rows; the cheapest are left out. */
  cut: boolean;
};

/** More than two years of ten models a day. */
const MAX_ROWS = 10_000;

/** Usage per day and model, by day. @param userId null: everybody's, summed up */
export async function usageByDay(
  { database }: Pick<Context, 'database'>,
  userId: string | null,
  { from, to }: DayRange,
  maxRows = MAX_ROWS,
): Promise<DayReport> {
  const found = await database.db
    .selectFrom('usage_daily')
    .where('day', '>=', dayValue(from))
    .where('day', '<=', dayValue(to))
    .$if(userId !== null, (query) => query.where('user_id', '=', userId ?? ''))
    .groupBy(['day', 'provider', 'model'])
    .select((eb) => [
      sql<string>`to_char(day, 'YYYY-MM-DD')`.as('day'),
      'provider',
      'model',
      eb.fn.sum<number>('calls').as('calls'),
      eb.fn.sum<number>('failed_calls').as('failed_calls'),
      eb.fn.sum<number>('estimated_calls').as('estimated_calls'),
      eb.fn.sum<number>('input_tokens').as('input_tokens'),
      eb.fn.sum<number>('cached_input_tokens').as('cached_input_tokens'),
      eb.fn.sum<number>('output_tokens').as('output_tokens'),
      eb.fn.sum<number>('cost_micros').as('cost_micros'),
    ])
    // Many rows that cost nothing must not hide one that does.
    .orderBy('cost_micros', 'desc')
    .orderBy('calls', 'desc')
    .orderBy('usage_daily.day')
    .orderBy('provider')
    .orderBy('model')
    .limit(maxRows + 1)
    .execute();
  const rows = found.slice(0, maxRows).map(asRow);
  return { rows: rows.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)), cut: found.length > maxRows };
}

function orderOf({ day, provider, model }: DayRow): string {
  return `${day} ${provider} ${model}`;
}

type Summed = {
  day: string;
  provider: string;
  model: string;
  calls: number;
  failed_calls: number;
  estimated_calls: number;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  cost_micros: number;
};

function asRow(row: Summed): DayRow {
  // Sums of bigint are numeric, which the driver gives as text.
  return {
    day: row.day,
    provider: row.provider,
    model: row.model,
    calls: Number(row.calls),
    failedCalls: Number(row.failed_calls),
    estimatedCalls: Number(row.estimated_calls),
    inputTokens: Number(row.input_tokens),
    cachedInputTokens: Number(row.cached_input_tokens),
    outputTokens: Number(row.output_tokens),
    costMicros: Number(row.cost_micros),
  };
}
