import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertUser, type TestContext } from '../testing.ts';
import { createLedger } from './ledger.ts';
import { createResponseOwner } from './response-owner.ts';
import { anotherInstance, createUsageContext } from './testing.ts';
import { aCall, anOutcome, granted } from './testing-calls.ts';

let context: TestContext;
beforeEach(async () => void (context = await createUsageContext()));
afterEach(() => context.close());

async function book(userId: string, responseId: string, provider = 'openai'): Promise<void> {
  const ledger = createLedger(anotherInstance(context));
  const call = aCall(userId, { provider });
  await ledger.settle(granted(await ledger.reserve(call)), call, anOutcome({ responseId }));
  await ledger.close();
}

test('another process knows whose a response is, which stays with the first who got it', async () => {
  const [first, second] = [await insertUser(context), await insertUser(context)];
  await book(first, 'resp_1');
  await book(second, 'resp_1');
  await book(second, 'resp_2');
  await book(second, 'resp_1', 'azure');
  const ownerOf = createResponseOwner(context);
  expect(await ownerOf('openai', 'resp_1')).toBe(first);
  expect(await ownerOf('openai', 'resp_2')).toBe(second);
  expect(await ownerOf('azure', 'resp_1')).toBe(second);
  expect(await ownerOf('openai', 'resp_3')).toBeNull();
});

test('the look-up reads no other events, also before Postgres knows how many there are', async () => {
  const userId = await insertUser(context);
  await sql`
    insert into usage_events (id, user_id, provider, model, operation, cost_micros, estimated, priced_by, outcome, at)
    select gen_random_uuid(), ${userId}, 'openai', 'm', 'generate', 0, false, 'free', 'ok', now() - make_interval(secs => n)
    from generate_series(1, 20000) n`.execute(context.database.db);
  const query = context.database.db.selectFrom('usage_events').where('response_id', '=', 'resp_1');
  const plan = await query.where('provider', '=', 'openai').select('user_id').orderBy('at').limit(1).explain('text');
  const text = JSON.stringify(plan);
  expect(text).toContain('usage_events_response');
  expect(text).not.toMatch(/Sort|Filter/);
});
