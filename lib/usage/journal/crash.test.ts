import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { eventually, insertUser, type TestContext } from '../../testing.ts';
import { createLedger, type UsageLedger } from '../ledger.ts';
import { anotherInstance, createUsageContext, periodsOf } from '../testing.ts';
import { aCall, anOutcome, COST, granted, HELD } from '../testing-calls.ts';

const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));
let context: TestContext;
let userId: string;
const ledgers: UsageLedger[] = [];
async function setUp(journal: 'disk' | 'database') {
  context = await createUsageContext({
    USER_BUDGET_MONTHLY_USD: '1',
    USER_REQUESTS_PER_MINUTE: '1000000',
    USAGE_JOURNAL: journal,
  });
  userId = await insertUser(context);
}
afterEach(async () => {
  await Promise.all(ledgers.splice(0).map((ledger) => ledger.close()));
  await context.close();
});
function startLedger(): UsageLedger {
  const ledger = createLedger(anotherInstance(context));
  ledgers.push(ledger);
  return ledger;
}
const events = () => context.database.db.selectFrom('usage_events').selectAll().orderBy('cost_micros').execute();
const folder = () => context.settings.usage.journalFolder;

async function startChild(instance: string): Promise<{ child: ChildProcess; open: string }> {
  const child = spawn(process.execPath, [CHILD, instance, userId], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: context.database.url,
      AUTH_SECRET: 'a secret of the tests that is long enough',
      DEPLOYMENT_ID: 'crash-test',
      E2B_API_KEY: 'e2b_00',
      USER_BUDGET_MONTHLY_USD: '1',
      USAGE_JOURNAL: context.settings.usage.journal,
      USAGE_JOURNAL_DIR: folder(),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, open: line.toString().trim().split(' ')[1] ?? '' };
}
async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a killed process loses nothing: ended calls are exact, open ones are billed as reserved, leases come back', async () => {
  await setUp('disk');
  const { child, open } = await startChild('front:test:1');
  // While it runs its journal is its own.
  const neighbour = startLedger();
  await neighbour.close();
  expect(await readdir(folder())).toContain('front_test_1');
  const before = await events();
  expect(before.every(({ cost_micros }) => cost_micros === COST)).toBe(true);
  await kill(child);

  startLedger();
  await eventually(async () => (await events()).length === 3);
  expect(await events()).toMatchObject([
    { cost_micros: COST, estimated: false },
    { cost_micros: COST, estimated: false },
    { id: open, cost_micros: HELD, estimated: true, outcome: 'lost' },
  ]);
  await eventually(async () => (await periodsOf(context))[0]?.leased_micros === 0);
  expect(await periodsOf(context)).toMatchObject([{ spent_micros: 2 * COST + HELD, leased_micros: 0 }]);
  await eventually(async () => !(await readdir(folder())).includes('front_test_1'));
});

test('several that recover at once write each call once', async () => {
  await setUp('disk');
  const { child } = await startChild('front:test:2');
  await kill(child);
  for (let count = 0; count < 4; count += 1) startLedger();
  await eventually(async () => (await events()).length === 3);
  await eventually(async () => !(await readdir(folder())).includes('front_test_2'));
  expect(await periodsOf(context)).toMatchObject([{ spent_micros: 2 * COST + HELD, leased_micros: 0 }]);
});

test('reads past a line that was cut off, and leaves alone what is no journal', async () => {
  await setUp('disk');
  const { child } = await startChild('front:test:3');
  await kill(child);
  const [file = ''] = (await readdir(join(folder(), 'front_test_3'))).filter((name) => name.endsWith('.journal'));
  await appendFile(join(folder(), 'front_test_3', file), '["began",{"id":"');
  await mkdir(join(folder(), 'something'));
  await writeFile(join(folder(), 'something', 'owner.json'), 'no');
  startLedger();
  await eventually(async () => (await events()).length === 3);
  expect(await readdir(folder())).toContain('something');
});

test('without a disk the open calls are in Postgres, and come in once the registration has run out', async () => {
  await setUp('database');
  const { child, open } = await startChild('front:test:4');
  await eventually(async () => (await events()).length === 2);
  await kill(child);
  const expire = sql`update usage_instances set expires_at = now() - interval '1 minute' where instance = 'front:test:4'`;
  startLedger();
  expect(await events()).toHaveLength(2);
  await expire.execute(context.database.db);
  startLedger();
  await eventually(async () => (await events()).length === 3);
  expect((await events())[2]).toMatchObject({ id: open, cost_micros: HELD, estimated: true });
  await eventually(async () => (await periodsOf(context))[0]?.leased_micros === 0);
});

test('an instance that was taken for dead begins anew and charges what still runs', async () => {
  await setUp('disk');
  const ledger = startLedger();
  const call = aCall(userId);
  const running = granted(await ledger.reserve(call));
  await sql`delete from budget_leases`.execute(context.database.db);
  await sql`update budget_periods set leased_micros = 0`.execute(context.database.db);
  ledger.settle(running, call, anOutcome());
  await ledger.flush();
  expect(await periodsOf(context)).toMatchObject([{ spent_micros: COST, leased_micros: 0 }]);
});

test('the journal on disk stays small: files go once Postgres has their calls', async () => {
  await setUp('disk');
  const ledger = startLedger();
  const call = aCall(userId, { requestBytes: 10, maxOutputTokens: 1 });
  for (let count = 0; count < 6_000; count += 1) {
    const reservation = granted(await ledger.reserve(call));
    ledger.settle(reservation, call, anOutcome({ billable: false }));
    if (count % 1_000 === 0) await ledger.flush();
  }
  await ledger.flush();
  const [own = ''] = await readdir(folder());
  expect((await readdir(join(folder(), own))).filter((name) => name.endsWith('.journal')).length).toBeLessThanOrEqual(
    2,
  );
  await ledger.close();
  expect(await readdir(folder())).toEqual([]);
});
