import { afterEach, beforeEach, expect, test } from 'vitest';
import { sql } from 'kysely';
import { type JobWorker, startJobWorker } from '../../lib/jobs/worker.ts';
import { createTestContext, eventually, insertUser, type TestContext } from '../../lib/testing.ts';
import { keepUsageShort, queueRetention } from './usage-retention.ts';

let context: TestContext;
let worker: JobWorker | undefined;
beforeEach(async () => void (context = await createTestContext()));
afterEach(async () => {
  await worker?.stop();
  await context.close();
});

test('a job deletes what is too old, and queues the next round', async () => {
  const userId = await insertUser(context);
  const event = (months: number) => ({
    id: crypto.randomUUID(),
    user_id: userId,
    provider: 'openai',
    model: 'gpt-5-mini',
    operation: 'generate',
    cost_micros: 1,
    estimated: false,
    priced_by: 'table' as const,
    outcome: 'ok',
    at: sql<Date>`now() - make_interval(months => ${months})`,
  });
  await context.database.db
    .insertInto('usage_events')
    .values([event(14), event(12)])
    .execute();
  worker = await startJobWorker(context.database.url, context.log, {
    usage_retention: { concurrency: 1, handle: (_payload, signal) => keepUsageShort(context, signal) },
  });
  await queueRetention(context);
  await queueRetention(context);
  const count = () => context.database.db.selectFrom('usage_events').select('id').execute();
  await eventually(async () => (await count()).length === 1);
  const waiting = () =>
    context.database.pool.query<{ late: boolean }>(
      "select start_after > now() + interval '5 hours' as late from pgboss.job where name = 'usage_retention' and state = 'created'",
    );
  // The second of the two may have been queued after the first had begun: then it is done before.
  await eventually(async () => (await waiting()).rows.some(({ late }) => late));
  expect((await waiting()).rows).toEqual([{ late: true }]);
});
