import type { Context } from '../context.ts';
import type { ResponseOwner } from '../gateway/stored-ids.ts';

/**
 * Who got a response, by what is booked: known to all processes some moments after its end, and as long as usage is kept.
 * Should a provider give an id twice, the first one has it.
 */
export function createResponseOwner({ database }: Pick<Context, 'database'>): ResponseOwner {
  return async (provider, responseId) => {
    const row = await database.db
      .selectFrom('usage_events')
      .where('response_id', '=', responseId)
      .where('provider', '=', provider)
      .select('user_id')
      .orderBy('at')
      .limit(1)
      .executeTakeFirst();
    return row?.user_id ?? null;
  };
}
