import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { AppError } from '../errors.ts';

export type Migration = { version: string; name: string; sql: string };
export type MigrationLog = { info(details: object, message: string): void };

const FOLDER = fileURLToPath(new URL('../../supabase/migrations/', import.meta.url));
/** Any number that no other program uses as an advisory lock in this database. */
const ADVISORY_LOCK = 7_265_143_001;

/** The migrations of a folder, by version. Names are `<digits>_<name>.sql`, as the Supabase CLI wants them. */
export async function readMigrations(folder = FOLDER): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const match = /^(\d+)_(.+)\.sql$/.exec(file);
      if (!match?.[1] || !match[2]) throw new AppError('bad_migration', `${file} is not named <digits>_<name>.sql.`);
      return { version: match[1], name: match[2], sql: await readFile(join(folder, file), 'utf8') };
    }),
  );
}

/**
 * Brings the database forward, never back: runs the migrations that it has not had yet, each in a transaction of its
 * own, and records them where `supabase db push` does, so that both can be used on one database. Several processes may
 * call it at once. Returns the versions that it ran.
 */
export async function migrate(url: string, log: MigrationLog, migrations?: Migration[]): Promise<string[]> {
  const all = migrations ?? (await readMigrations());
  const client = new pg.Client({ connectionString: url, application_name: 'shmastra-migrate' });
  // A lost connection also fails the running query, which is where it is reported.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
    const done = await appliedVersions(client);
    refuseUnknownOrder(all, done);
    const pending = all.filter(({ version }) => !done.has(version));
    for (const migration of pending) await apply(client, migration, log);
    return pending.map(({ version }) => version);
  } finally {
    await client.end();
  }
}

async function appliedVersions(client: pg.Client): Promise<Set<string>> {
  await client.query(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
    alter table supabase_migrations.schema_migrations
      add column if not exists statements text[],
      add column if not exists name text;`);
  const { rows } = await client.query<{ version: string }>('select version from supabase_migrations.schema_migrations');
  return new Set(rows.map(({ version }) => version));
}

/** A migration that sorts before one that already ran was added in the wrong place: running it now is not "forward". */
function refuseUnknownOrder(all: Migration[], done: Set<string>): void {
  const last = all.findLastIndex(({ version }) => done.has(version));
  const late = all.slice(0, Math.max(last, 0)).find(({ version }) => !done.has(version));
  if (!late) return;
  throw new AppError(
    'migration_out_of_order',
    `Migration ${late.version} comes before one that this database has had.`,
    {
      next: 'Give the new migration the next free number.',
    },
  );
}

async function apply(client: pg.Client, { version, name, sql }: Migration, log: MigrationLog): Promise<void> {
  const started = Date.now();
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query(
      'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)',
      [version, name, [sql]],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('migration_failed', `Migration ${version}_${name} failed and was undone: ${reason}`, {
      cause: error,
      next: 'The database is as it was. Fix the migration and start again.',
    });
  }
  log.info({ version, name, ms: Date.now() - started }, 'migrated');
}

/** `node lib/db/migrate.ts`: brings the database at DATABASE_URL forward, our schema and that of the jobs. */
if (import.meta.main) await main();

async function main(): Promise<void> {
  const [{ installJobs }, { createLog }] = await Promise.all([import('../jobs/install.ts'), import('../log.ts')]);
  const log = createLog('migrate', process.env['LOG_LEVEL'] ?? 'info');
  const url = process.env['DATABASE_URL'];
  try {
    if (!url) throw new AppError('invalid_settings', 'DATABASE_URL is not set.');
    const versions = await migrate(url, log);
    await installJobs(url);
    log.info({ versions }, versions.length > 0 ? 'the database was brought forward' : 'the database is up to date');
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'the migration failed');
    process.exitCode = 1;
  }
}
