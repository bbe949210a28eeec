import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate, type Migration, readMigrations } from './migrate.ts';
import { createEmptyDatabase } from './testing.ts';

let database: { url: string; close(): Promise<void> };
beforeEach(async () => void (database = await createEmptyDatabase()));
afterEach(() => database.close());

const quiet = { info: () => {} };
const step = (version: string, sql: string): Migration => ({ version, name: 'step', sql });

async function query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

it('runs the migrations of the repository once, also when several processes start at once', async () => {
  const versions = (await readMigrations()).map(({ version }) => version);
  const ran = await Promise.all([1, 2, 3].map(() => migrate(database.url, quiet)));
  expect(ran.flat()).toEqual(versions);
  expect(await migrate(database.url, quiet)).toEqual([]);
  const recorded = await query<{ version: string; name: string }>(
    'select version, name from supabase_migrations.schema_migrations order by version',
  );
  expect(recorded[0]).toEqual({ version: '001', name: 'init' });
});

it('goes on with new ones and keeps the data', async () => {
  const first = step('001', 'create table t (a int); insert into t values (1);');
  await migrate(database.url, quiet, [first]);
  expect(await migrate(database.url, quiet, [first, step('002', 'alter table t add b int default 2;')])).toEqual([
    '002',
  ]);
  expect(await query('select * from t')).toEqual([{ a: 1, b: 2 }]);
});

it('undoes all of a migration that fails, and says which', async () => {
  const bad = step('002', 'create table half (a int); select no_such_function();');
  await expect(migrate(database.url, quiet, [step('001', 'create table t (a int)'), bad])).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('002_step'),
  });
  expect(await query("select to_regclass('half') as half, to_regclass('t')::text as t")).toEqual([
    { half: null, t: 't' },
  ]);
});

it('never runs one that was put before those that ran', async () => {
  await migrate(database.url, quiet, [step('002', 'select 1')]);
  const late = migrate(database.url, quiet, [step('001', 'select 1'), step('002', 'select 1')]);
  await expect(late).rejects.toMatchObject({ code: 'migration_out_of_order' });
});
