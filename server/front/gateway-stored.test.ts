import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProviderDouble, startProviderDouble } from '../../lib/gateway/testing/double.ts';
import { createTestContext, type TestContext } from '../../lib/testing.ts';
import { mintVirtualKey } from '../../lib/virtual-keys/index.ts';
import { startTestFront, type TestFront, type TestMember } from './testing.ts';

let context: TestContext;
let double: ProviderDouble;
const fronts: TestFront[] = [];

beforeAll(async () => {
  context = await createTestContext();
  double = await startProviderDouble();
});
afterAll(async () => {
  await Promise.all(fronts.map((front) => front.close()));
  await double.close();
  await context.close();
});

/** A front of its own on the one database. */
async function startFront(instance: string): Promise<TestFront> {
  const env = {
    CONTROL_LISTEN: '127.0.0.1:0',
    OPENAI_API_KEY: 'sk-real-openai-0123456789',
    OPENAI_BASE_URL: `${double.url}/openai/v1`,
  };
  const front = await startTestFront(env, { ...context, instance, close: async () => {} });
  fronts.push(front);
  return front;
}

async function clientOf(front: TestFront, { userId, sandbox }: TestMember): Promise<OpenAI> {
  const apiKey = await mintVirtualKey(context, { userId, sandbox: sandbox.id });
  return new OpenAI({ apiKey, baseURL: `${front.controlOrigin}/api/gateway/openai/v1`, maxRetries: 0 });
}

test('a conversation at the provider goes on after the front was started anew, for its owner alone', async () => {
  const before = await startFront('test:before');
  const [owner, other] = [await before.member(), await before.member()];
  const first = await (await clientOf(before, owner)).responses.create({ model: 'gpt-5-mini', input: 'hello' });
  await before.front.close(0);

  const after = await startFront('test:after');
  const next = { model: 'gpt-5-mini', input: 'and?', previous_response_id: first.id };
  const foreign = (await clientOf(after, other)).responses.create(next);
  await expect(foreign).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  expect(await (await clientOf(after, owner)).responses.create(next)).toMatchObject({ status: 'completed' });
  expect(JSON.parse(double.calls.at(-1)?.body ?? '')).toMatchObject({ previous_response_id: first.id });
});
