import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import type { StartedCall } from '../events/event.ts';
import { writeApart } from '../events/write-apart.ts';
import type { Journal } from './journal.ts';

type Waiting = { call: StartedCall; resolve: () => void; reject: (error: unknown) => void };

/**
 * The journal of processes without a disk: Postgres. A call begins when its row is there, which costs it a round trip;
 * calls that begin at the same time share one. The row goes with the transaction that writes the event.
 * @param register makes the row of the instance, which its reservations belong to
 */
export function createDatabaseJournal(
  context: Pick<Context, 'database' | 'instance'>,
  register: () => Promise<void>,
): Journal {
  let waiting: Waiting[] = [];
  let writing = false;

  function write(call: StartedCall): Promise<void> {
    return new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject });
      if (!writing) void writeWaiting();
    });
  }

  async function writeWaiting(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await register();
        await writeApart(batch, writeTogether, ({ reject }, error) => reject(error));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = false;
  }

  async function writeTogether(batch: readonly Waiting[]): Promise<void> {
    await insert(context, new Map(batch.map(({ call }) => [call.id, call])));
    for (const { resolve } of batch) resolve();
  }

  return {
    kind: 'database',
    hasRoom: () => true,
    began: write,
    changed: write,
    ended: async () => {},
    written: () => {},
    remove: async () => {},
  };
}

async function insert(
  { database, instance }: Pick<Context, 'database' | 'instance'>,
  calls: Map<string, StartedCall>,
): Promise<void> {
  const rows = [...calls.values()].map((call) => ({ id: call.id, call }));
  await sql`
    insert into usage_reservations (id, instance, call)
    select id, ${instance}, call from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, call jsonb)
    on conflict (id) do update set call = excluded.call`.execute(database.db);
}
