import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { ensureSandbox } from './ensure.ts';

let context: TestContext;
beforeAll(async () => void (context = await createTestContext()));
afterAll(() => context.close());

async function jobsOf(sandbox: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from pgboss.job where name = 'provision' and data ->> 'sandbox' = ${sandbox}`.execute(
    context.database.db,
  );
  return rows[0]?.count ?? 0;
}

it('makes one sandbox and one job, however many ask at the same instant', async () => {
  const userId = await insertUser(context);
  const rows = await Promise.all(Array.from({ length: 12 }, () => ensureSandbox(context, userId)));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
  expect(rows[0]).toMatchObject({ status: 'provisioning', phase: 'queued', epoch: 1, attempt: 0 });
  expect(await jobsOf(rows[0]?.id ?? '')).toBe(1);
});

it('leaves neither a row nor a job when the job cannot be queued', async () => {
  const userId = await insertUser(context);
  const failing = { ...context, jobs: { ...context.jobs, send: () => Promise.reject(new Error('no queue')) } };
  await expect(ensureSandbox(failing, userId)).rejects.toThrow('no queue');
  const rows = await context.database.db.selectFrom('sandboxes').selectAll().where('user_id', '=', userId).execute();
  expect(rows).toEqual([]);
});

it('makes none for somebody who is not there', async () => {
  await expect(ensureSandbox(context, crypto.randomUUID())).rejects.toThrow('foreign key');
});
