import type { TestProject } from 'vitest/node';
import { installJobs } from '../jobs/install.ts';
import { migrate } from './migrate.ts';
import { TEMPLATE_DATABASE, withDatabase } from './testing-names.ts';
import { startTestPostgres } from './testing-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the tests' Postgres, with the rights to create databases. */
    postgresUrl: string;
  }
}

/** Vitest's global set-up: one Postgres for all tests, with a migrated database that each of them copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestPostgres();
  try {
    const url = withDatabase(server.url, TEMPLATE_DATABASE);
    await server.query(`create database ${TEMPLATE_DATABASE}`);
    await migrate(url, { info: () => {} });
    await installJobs(url);
  } catch (error) {
    await server.remove();
    throw error;
  }
  project.provide('postgresUrl', server.url);
  return () => server.remove();
}
