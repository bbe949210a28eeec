/** `node lib/auth/setup-url.ts`: prints the one-time set-up URL while there is no admin, otherwise nothing. */
import { randomBytes } from 'node:crypto';
import { openDatabase } from '../db/database.ts';
import { loadSettings } from '../settings.ts';
import { createSetupUrl } from './setup.ts';

try {
  const settings = loadSettings();
  const database = openDatabase(settings.databaseUrl, { name: 'shmastra-setup-url', maxConnections: 1 });
  const url = await createSetupUrl({ settings, database, randomBytes }).finally(() => database.close());
  if (url) process.stdout.write(`${url}\n`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
