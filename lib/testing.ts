import { sql } from 'kysely';
import { type Context, createContext, type ContextOptions } from './context.ts';
import { createTestDatabase, type TestDatabase } from './db/testing.ts';
import { createLog } from './log.ts';
import { FakeEngine } from './sandbox/testing.ts';
import { loadSettings, type Settings } from './settings.ts';
import { TEST_ENVIRONMENT } from './testing-environment.ts';

export type TestContext = Context & { database: TestDatabase; engine: FakeEngine; close(): Promise<void> };

export function testSettings(databaseUrl: string, env: NodeJS.ProcessEnv = {}): Settings {
  return loadSettings({
    DATABASE_URL: databaseUrl,
    ...TEST_ENVIRONMENT,
    // Needs no folder; tests of the one on disk have their own.
    USAGE_JOURNAL: 'database',
    ...env,
  });
}

/** A context on a fresh database, with an engine in memory that tests make fail as they need. */
export async function createTestContext(
  options: ContextOptions & { env?: NodeJS.ProcessEnv } = {},
): Promise<TestContext> {
  const { env, ...given } = options;
  const database = await createTestDatabase();
  const engine = new FakeEngine();
  const context = createContext(testSettings(database.url, env), {
    name: 'test',
    log: createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent'),
    database,
    engine,
    ...given,
  });
  return {
    ...context,
    database,
    engine,
    close: async () => {
      await context.jobs.close();
      await database.close();
    },
  };
}

/** A second instance of the control plane on the same database. */
export function secondInstance(context: TestContext, instance: string): Context {
  return { ...context, instance };
}

/** Repeats the check until it returns something, at most until the deadline. */
export async function eventually<Value>(
  check: () => Promise<Value | undefined | false | null> | Value | undefined | false | null,
  deadlineMs = 8_000,
): Promise<Value> {
  for (const deadline = Date.now() + deadlineMs; ;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`nothing happened within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until so many transactions wait for locks of the test's database. */
export async function lockWaits({ database }: Pick<Context, 'database'>, count: number): Promise<void> {
  await eventually(async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(database.db);
    return rows[0]?.count === count;
  });
}

export async function insertUser(
  { database }: Pick<Context, 'database'>,
  email = `${crypto.randomUUID()}@example.com`,
  role: 'member' | 'admin' = 'member',
): Promise<string> {
  const { id } = await database.db
    .insertInto('users')
    .values({ email, role })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
