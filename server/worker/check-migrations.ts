import { sql } from 'kysely';
import type { Context } from '../../lib/context.ts';
import { readMigrations } from '../../lib/db/migrate.ts';
import { AppError } from '../../lib/errors.ts';

/** Throws `database_behind` when the database has not had all migrations of this version of the code. */
export async function checkMigrations({ database }: Pick<Context, 'database'>): Promise<void> {
  const applied = await appliedVersions(database);
  const missing = (await readMigrations()).filter(({ version }) => !applied.has(version));
  if (missing.length === 0) return;
  throw new AppError('database_behind', `The database lacks ${missing.length} migration(s).`, {
    next: 'Run: node lib/db/migrate.ts',
  });
}

async function appliedVersions({ db }: Context['database']): Promise<Set<string>> {
  const { rows: found } = await sql<{ name: string | null }>`
    select to_regclass('supabase_migrations.schema_migrations')::text as name`.execute(db);
  if (!found[0]?.name) return new Set();
  const { rows } = await sql<{ version: string }>`select version from supabase_migrations.schema_migrations`.execute(
    db,
  );
  return new Set(rows.map(({ version }) => version));
}
