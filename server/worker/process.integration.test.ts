import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { acceptSetup, createSetupUrl } from '../../lib/auth/setup.ts';
import { createEmptyDatabase, createTestDatabase } from '../../lib/db/testing.ts';
import { eventually, testSettings } from '../../lib/testing.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let url: string;
let drop: () => Promise<void>;
beforeEach(async () => {
  ({ url, close: drop } = await createEmptyDatabase());
});
afterEach(() => drop());

const env = (databaseUrl: string) => ({
  PATH: process.env['PATH'],
  DATABASE_URL: databaseUrl,
  AUTH_SECRET: 'a secret of the tests that is long enough',
  DEPLOYMENT_ID: 'process-test',
  PUBLIC_URL: 'http://localhost:3000',
  E2B_API_KEY: 'e2b_00',
  // Nobody answers there: the worker lives on and tries again.
  E2B_API_URL: 'http://127.0.0.1:9',
});

function start(file: string, environment: NodeJS.ProcessEnv, args: string[] = []) {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run = { child, stdout: '', stderr: '', code: once(child, 'close').then(([code]) => code as number | null) };
  child.stdout.on('data', (chunk: Buffer) => (run.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (run.stderr += chunk.toString()));
  return run;
}

it('ends with one message that names all problems of the settings', async () => {
  const run = start('server/worker.ts', { PATH: process.env['PATH'], AUTH_SECRET: 'hunter2' });
  expect(await run.code).toBe(1);
  const [line = ''] = run.stdout.trim().split('\n').slice(-1);
  expect(JSON.parse(line)).toMatchObject({
    level: 'fatal',
    msg: expect.stringMatching(/DATABASE_URL[^]*DEPLOYMENT_ID/),
  });
  expect(run.stdout + run.stderr).not.toContain('hunter2');
});

it('does not work on a database that is behind, and does after the migration', async () => {
  const early = start('server/worker.ts', env(url));
  expect(await early.code).toBe(1);
  expect(early.stdout).toContain('node lib/db/migrate.ts');

  const migration = start('lib/db/migrate.ts', env(url));
  expect(await migration.code).toBe(0);
  const again = start('lib/db/migrate.ts', env(url));
  expect(await again.code).toBe(0);

  const worker = start('server/worker.ts', env(url));
  await eventually(() => worker.stdout.includes('the worker is ready'), 20_000);
  await eventually(() => worker.stdout.includes('reconciling did not work'), 20_000);
  worker.child.kill('SIGTERM');
  expect(await worker.code).toBe(0);
});

it('prints a password link for who has an account, and says when nobody has', async () => {
  const database = await createTestDatabase();
  const context = { database, settings: testSettings(database.url), randomBytes };
  const setup = new URL((await createSetupUrl(context)) ?? '');
  const account = { email: 'ada@example.com', password: 'correct horse' };
  await acceptSetup(context, { token: setup.searchParams.get('token') ?? '', ...account });
  const made = start('lib/auth/print-password-link.ts', env(database.url), ['Ada@Example.com']);
  expect(await made.code).toBe(0);
  expect(made.stdout).toMatch(/^http:\/\/localhost:3000\/password\?token=[\w-]{43}\n$/);
  const unknown = start('lib/auth/print-password-link.ts', env(database.url), ['bob@example.com']);
  expect(await unknown.code).toBe(1);
  expect(unknown.stderr).toContain('Nobody has an account with bob@example.com.');
  await database.close();
});

it('prints the set-up URL on its own while there is no admin, and then nothing', async () => {
  const database = await createTestDatabase();
  const first = start('lib/auth/setup-url.ts', env(database.url));
  expect(await first.code).toBe(0);
  expect(first.stdout).toMatch(/^http:\/\/localhost:3000\/setup\?token=[\w-]{43}\n$/);
  await database.db.insertInto('users').values({ email: 'admin@example.com', role: 'admin' }).execute();
  const second = start('lib/auth/setup-url.ts', env(database.url));
  expect(await second.code).toBe(0);
  expect(second.stdout).toBe('');
  await database.close();
});
