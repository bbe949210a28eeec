import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { TEMPLATE_DATABASE, withDatabase } from './testing-names.ts';

export type TestDatabase = Database & { url: string };

/** A fresh, migrated database of the caller's own. Close it when done: that also drops it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server, `create database ${name} template ${TEMPLATE_DATABASE}`);
  const url = withDatabase(server, name);
  const database = openDatabase(url, { name });
  return {
    ...database,
    url,
    close: async () => {
      await database.close();
      await query(server, `drop database ${name} with (force)`);
    },
  };
}

/** A database without anything in it. */
export async function createEmptyDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const server = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server, `create database ${name}`);
  return { url: withDatabase(server, name), close: () => query(server, `drop database ${name} with (force)`) };
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
