import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeContext, type Context, createContext } from '../context.ts';
import { migrate } from '../db/migrate.ts';
import { startTestPostgres, type TestPostgres } from '../db/testing-postgres.ts';
import type { CallFacts, Reservation } from '../gateway/ledger.ts';
import { createLog } from '../log.ts';
import { eventually, insertUser, testSettings } from '../testing.ts';
import { createLedger, type UsageLedger } from './ledger.ts';
import { periodsOf } from './testing.ts';
import { reservedInMemory } from './testing-memory.ts';
import { aCall, anOutcome, COST, granted } from './testing-calls.ts';

let postgres: TestPostgres;
let context: Context;
let ledger: UsageLedger;
let folder: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  await migrate(postgres.url, { info: () => {} });
  folder = await mkdtemp(join(tmpdir(), 'shmastra-usage-'));
  const settings = testSettings(postgres.url, {
    USER_BUDGET_MONTHLY_USD: '1',
    USAGE_JOURNAL: 'disk',
    USAGE_JOURNAL_DIR: folder,
  });
  context = createContext(settings, { name: 'front', log: createLog('test', 'silent') });
  ledger = createLedger(context);
});
afterAll(async () => {
  await ledger.close();
  await closeContext(context);
  await postgres.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Until nothing is given any more; the error that says so. */
async function holdAll(call: CallFacts, held: Reservation[]): Promise<unknown> {
  for (;;) {
    try {
      held.push(granted(await ledger.reserve(call)));
    } catch (error) {
      return error;
    }
  }
}

test('while Postgres is away calls go on within what was leased, then none begin; nothing is lost', async () => {
  const userId = await insertUser(context);
  const call = aCall(userId, { maxOutputTokens: 10_000 }); // holds 20,125 of the 125,000 that are leased ahead
  let ended = 0;
  const end = async () => {
    ledger.settle(granted(await ledger.reserve(call)), call, anOutcome());
    ended += 1;
  };
  await end();
  // Until its listener is there, what is known is asked for anew.
  ledger.settle(await reservedInMemory(ledger, call), call, anOutcome());
  ended += 1;
  await ledger.flush();
  await postgres.crash();
  for (let count = 0; count < 20; count += 1) await end();
  const held: Reservation[] = [];
  const error = await holdAll(call, held);
  expect(error).toMatchObject({ code: 'usage_unavailable', status: 503, retryAfterSeconds: 3 });
  expect(held.length).toBeGreaterThan(2);
  for (const reservation of held) ledger.settle(reservation, call, anOutcome());
  await postgres.start();
  await eventually(
    () =>
      ledger.flush().then(
        () => true,
        () => false,
      ),
    30_000,
  );
  expect((await periodsOf(context))[0]?.spent_micros).toBe((ended + held.length) * COST);
  await eventually(async () =>
    granted(await Promise.resolve(ledger.reserve(call)).catch(() => ({ refused: 'budget', message: 'away' }) as const)),
  );
});
