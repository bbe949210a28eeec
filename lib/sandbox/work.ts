import type { Queryable } from '../db/database.ts';

/**
 * Which of these engine sandboxes were `ready` once: people have worked in them, so nobody kills them by themselves,
 * whatever the rows and the engine say at the moment.
 */
export async function withWork(on: Queryable, sandboxIds: string[]): Promise<Set<string>> {
  if (sandboxIds.length === 0) return new Set();
  const rows = await on
    .selectFrom('sandbox_events')
    .where('sandbox_id', 'in', sandboxIds)
    .where('to_status', '=', 'ready')
    .select('sandbox_id')
    .distinct()
    .execute();
  return new Set(rows.flatMap(({ sandbox_id: id }) => (id === null ? [] : [id])));
}
