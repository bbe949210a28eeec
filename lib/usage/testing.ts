import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { createTestContext, type TestContext } from '../testing.ts';

/** A context whose journals are in a folder of its own. */
export async function createUsageContext(env: NodeJS.ProcessEnv = {}): Promise<TestContext> {
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-usage-'));
  const context = await createTestContext({ env: { USAGE_JOURNAL: 'disk', USAGE_JOURNAL_DIR: folder, ...env } });
  return {
    ...context,
    close: async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The same under other settings or another clock, as another process. */
export function anotherInstance(context: TestContext, given: Partial<Context> = {}): Context {
  return { ...context, instance: `test:${crypto.randomUUID()}`, ...given };
}

/** What Postgres says is spent and leased of all periods. */
export async function periodsOf(context: Pick<Context, 'database'>) {
  return context.database.db
    .selectFrom('budget_periods')
    .innerJoin('budgets', 'budgets.id', 'budget_periods.budget')
    .select(['budgets.user_id', 'budgets.period', 'spent_micros', 'leased_micros', 'period_start', 'period_end'])
    .orderBy('period_start')
    .execute();
}
