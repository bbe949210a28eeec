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
