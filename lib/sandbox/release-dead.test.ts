import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, secondInstance, type TestContext } from '../testing.ts';
import { ensureSandbox, findSandbox } from './ensure.ts';
import { withLease } from './lease.ts';
import { releaseDeadLeases } from './release-dead.ts';

let context: TestContext;
beforeAll(async () => void (context = await createTestContext()));
afterAll(() => context.close());

async function holderAfter(holder: string, alive: boolean): Promise<string | null | undefined> {
  const { id, user_id: userId } = await ensureSandbox(context, await insertUser(context));
  return withLease(secondInstance(context, holder), id, { purpose: 'test' }, async () => {
    await releaseDeadLeases(context, () => alive);
    return (await findSandbox(context, userId))?.lease_holder;
  });
}

it('ends the lease of a dead process of this machine, and no other', async () => {
  const here = `worker:${hostname()}:4242:a`;
  expect(await holderAfter(here, false)).toBeNull();
  expect(await holderAfter(here, true)).toBe(here);
  for (const other of ['worker:another-host:4242:a', 'test', context.instance.replace(hostname(), 'x')]) {
    expect(await holderAfter(other, false)).toBe(other);
  }
});

it('knows that this very process lives', async () => {
  const { id, user_id: userId } = await ensureSandbox(context, await insertUser(context));
  await withLease(context, id, { purpose: 'test' }, async () => {
    await releaseDeadLeases(context);
    expect((await findSandbox(context, userId))?.lease_holder).toBe(context.instance);
  });
});
