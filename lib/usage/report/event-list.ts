import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import { InvalidInputError } from '../../errors.ts';

export type EventRow = {
  id: string;
  at: string;
  userId: string;
  provider: string;
  model: string;
  operation: string;
  inputTokens: number;
  cachedInputTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  costMicros: number;
  estimated: boolean;
  pricedBy: string;
  outcome: string;
  status: number | null;
  latencyMs: number | null;
  firstByteMs: number | null;
  requestId: string | null;
};

export type EventPage = { rows: EventRow[]; /** For the next page; null: this is the last. */ cursor: string | null };

/** Calls, the latest first. @param userId null: everybody's */
export async function listEvents(
  { database }: Pick<Context, 'database'>,
  userId: string | null,
  { size, cursor }: { size: number; cursor: string | null },
): Promise<EventPage> {
  const after = cursor === null ? null : readCursor(cursor);
  const rows = await database.db
    .selectFrom('usage_events')
    .$if(userId !== null, (query) => query.where('user_id', '=', userId ?? ''))
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(at, id) < (${after?.at ?? ''}::timestamptz, ${after?.id ?? ''}::uuid)`),
    )
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(size + 1)
    .execute();
  const last = rows[size - 1];
  return {
    rows: rows.slice(0, size).map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      userId: row.user_id,
      provider: row.provider,
      model: row.model,
      operation: row.operation,
      inputTokens: row.input_tokens,
      cachedInputTokens: row.cached_input_tokens,
      cacheWriteTokens: row.cache_write_tokens,
      outputTokens: row.output_tokens,
      reasoningTokens: row.reasoning_tokens,
      costMicros: row.cost_micros,
      estimated: row.estimated,
      pricedBy: row.priced_by,
      outcome: row.outcome,
      status: row.status,
      latencyMs: row.latency_ms,
      firstByteMs: row.first_byte_ms,
      requestId: row.request_id,
    })),
    cursor: rows.length > size && last ? `${last.at.toISOString()}_${last.id}` : null,
  };
}

/** Our times are whole milliseconds, so that a cursor says exactly where a page ended. */
function readCursor(cursor: string): { at: string; id: string } {
  const match = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)_([0-9a-f-]{36})$/.exec(cursor);
  if (!match?.[1] || !match[2] || Number.isNaN(Date.parse(match[1]))) {
    throw new InvalidInputError('bad_cursor', 'The cursor is none of ours.', { next: 'Begin with the first page.' });
  }
  return { at: match[1], id: match[2] };
}
