import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { ensureSandbox } from './ensure.ts';
import { retryBrokenSandbox } from './reset.ts';
import { transition } from './transition.ts';

let context: TestContext;
beforeAll(async () => void (context = await createTestContext()));
afterAll(() => context.close());

const admin = { kind: 'admin', id: 'a' } as const;
const by = { kind: 'system' } as const;

it('starts again what could never be made', async () => {
  const { id } = await ensureSandbox(context, await insertUser(context));
  await transition(context, { sandbox: id, to: 'broken', by, reason: 'test', set: { error_code: 'x', attempt: 5 } });
  const again = await retryBrokenSandbox(context, id, admin);
  expect(again).toMatchObject({ status: 'provisioning', attempt: 0, epoch: 2, error_code: null });
  await expect(retryBrokenSandbox(context, id, admin)).rejects.toMatchObject({ code: 'invalid_transition' });
});

it('does not touch a sandbox with work in it', async () => {
  const { id } = await ensureSandbox(context, await insertUser(context));
  await transition(context, { sandbox: id, to: 'ready', by, reason: 'test', set: { sandbox_id: 'work' } });
  await transition(context, { sandbox: id, to: 'healing', by, reason: 'test' });
  await transition(context, { sandbox: id, to: 'broken', by, reason: 'test', set: { error_code: 'x' } });
  await expect(retryBrokenSandbox(context, id, admin)).rejects.toMatchObject({ code: 'sandbox_has_work', status: 409 });
});
