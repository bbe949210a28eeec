import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { insertUser, type TestContext } from '../testing.ts';
import { lostCall, type StartedCall } from './events/event.ts';
import { createDiskJournal, OWNER_FILE } from './journal/disk.ts';
import { ownerOfThisProcess } from './journal/owner.ts';
import { recoverDead } from './journal/recover.ts';
import { createLedger, type UsageLedger } from './ledger.ts';
import { createCalendar } from './periods.ts';
import { anotherInstance, createUsageContext, periodsOf } from './testing.ts';
import { aCall, anOutcome, COST, granted } from './testing-calls.ts';

/** What the gateway lets no caller send, and Postgres cannot hold. */
const NAMES = ['m\0', 'm\ud800'];

let context: TestContext;
let ledger: UsageLedger | undefined;
let userId: string;
async function setUp(journal: 'disk' | 'database') {
  context = await createUsageContext({ USER_BUDGET_MONTHLY_USD: '1', USAGE_JOURNAL: journal });
  userId = await insertUser(context);
}
afterEach(async () => {
  await ledger?.close();
  ledger = undefined;
  await context.close();
});
const events = () => context.database.db.selectFrom('usage_events').selectAll().orderBy('model').execute();

test('a call that Postgres cannot hold keeps no other out, and stays charged', async () => {
  await setUp('disk');
  const books = createLedger(anotherInstance(context));
  ledger = books;
  const calls = [...NAMES, 'gpt-5-mini'].map((model) => aCall(userId, { model, maxOutputTokens: 10 }));
  const held = await Promise.all(calls.map(async (call) => ({ call, taken: granted(await books.reserve(call)) })));
  for (const { call, taken } of held) ledger.settle(taken, call, anOutcome({ usage: null }));
  await ledger.flush();
  const sums = held.map(({ taken }) => taken.heldMicros);
  expect(await events()).toMatchObject([
    { model: '', provider: 'unknown', request_id: null, cost_micros: sums[0], estimated: true },
    { model: '', provider: 'unknown', request_id: null, cost_micros: sums[1], estimated: true },
    { model: 'gpt-5-mini', provider: 'openai', cost_micros: sums[2] },
  ]);
  await ledger.close();
  const spent = sums.reduce((total, micros) => total + micros, 0);
  expect(await periodsOf(context)).toMatchObject([{ spent_micros: spent, leased_micros: 0 }]);
  expect(await readdir(context.settings.usage.journalFolder)).toEqual([]);
});

test('without a disk such a call is refused, and those that begin with it are not', async () => {
  await setUp('database');
  ledger = createLedger(anotherInstance(context));
  const call = aCall(userId, { maxOutputTokens: 10 });
  ledger.settle(granted(await ledger.reserve(call)), call, anOutcome());
  const results = await Promise.allSettled(
    ['gpt-5-mini', ...NAMES, 'gpt-5-mini'].map(async (model) => ledger?.reserve({ ...call, model })),
  );
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(ledger.openCalls()).toBe(2);
});

test('recovers a journal in which there is one, and the journals after it', async () => {
  await setUp('disk');
  const { settings, log } = context;
  const folder = settings.usage.journalFolder;
  const started = (model: string): StartedCall => {
    const { keyId, provider, operation, requestId } = aCall(userId);
    const id = crypto.randomUUID();
    return {
      id,
      at: new Date().toISOString(),
      userId,
      keyId,
      provider,
      model,
      operation,
      requestId,
      held: COST,
      pricedBy: 'table',
    };
  };
  for (const [instance, model] of [
    ['a', 'm\0'],
    ['b', 'gpt-5-mini'],
  ] as const) {
    const journal = createDiskJournal({ folder, instance, log });
    await journal.began(started(model));
    journal.ended(lostCall(started(model)));
    // The pid is another process's by now.
    await writeFile(
      join(folder, instance, OWNER_FILE),
      JSON.stringify({ ...ownerOfThisProcess(instance), startedAt: '1' }),
    );
  }
  await recoverDead(context, createCalendar(settings.usage.timeZone), folder);
  expect((await events()).map(({ model, cost_micros }) => [model, cost_micros])).toEqual([
    ['', COST],
    ['', COST],
    ['gpt-5-mini', COST],
    ['gpt-5-mini', COST],
  ]);
  expect(await readdir(folder)).toEqual([]);
});
