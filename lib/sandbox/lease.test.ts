import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, eventually, insertUser, secondInstance, type TestContext } from '../testing.ts';
import { ensureSandbox, findSandbox } from './ensure.ts';
import { LeaseLostError, SandboxBusyError } from './errors.ts';
import { withLease } from './lease.ts';
import { writeUnderLease } from './lease-write.ts';

let context: TestContext;
beforeAll(async () => void (context = await createTestContext()));
afterAll(() => context.close());

async function sandbox() {
  return ensureSandbox(context, await insertUser(context));
}

it('has one holder, and says why the sandbox is busy', async () => {
  const row = await sandbox();
  const other = secondInstance(context, 'other');
  await withLease(context, row.id, { purpose: 'provision' }, async () => {
    const second = withLease(other, row.id, { purpose: 'resume' }, () => Promise.resolve('no'));
    await expect(second).rejects.toThrow(SandboxBusyError);
    await expect(second).rejects.toThrow('provision');
  });
  await expect(withLease(other, row.id, { purpose: 'resume' }, () => Promise.resolve('yes'))).resolves.toBe('yes');
});

it('goes to one of many who ask at once', async () => {
  const row = await sandbox();
  // Held until all others have asked, however long that takes here.
  let refused = 0;
  const { promise: allAsked, resolve: end } = Promise.withResolvers<void>();
  const ask = async (index: number) => {
    try {
      await withLease(secondInstance(context, `i${index}`), row.id, { purpose: 'test' }, () => allAsked);
    } catch (error) {
      refused += 1;
      if (refused === 7) end();
      throw error;
    }
  };
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => ask(index)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('is released when the work fails', async () => {
  const row = await sandbox();
  const work = withLease(context, row.id, { purpose: 'test' }, () => Promise.reject(new Error('broken work')));
  await expect(work).rejects.toThrow('broken work');
  expect(await findSandbox(context, row.user_id)).toMatchObject({ lease_holder: null, lease_purpose: null });
});

it('lives on by heartbeats for longer than its validity', async () => {
  const row = await sandbox();
  await withLease(context, row.id, { purpose: 'test', ttlMs: 150 }, async (lease) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await writeUnderLease(context.database.db, lease, { heal_attempt: 1 });
    expect(lease.signal.aborted).toBe(false);
  });
});

it('fences off a holder that lost it: it is told, and writes nothing more', async () => {
  const row = await sandbox();
  const other = secondInstance(context, 'other');
  await withLease(context, row.id, { purpose: 'slow', ttlMs: 300 }, async (lease) => {
    // As after a long stop of the process: the lease ran out meanwhile and somebody else took it.
    await context.database.db
      .updateTable('sandboxes')
      .set({ lease_expires_at: new Date(0) })
      .where('id', '=', row.id)
      .execute();
    await withLease(other, row.id, { purpose: 'fast' }, async (second) => {
      const late = writeUnderLease(context.database.db, lease, { heal_attempt: 99 });
      await expect(late).rejects.toThrow(LeaseLostError);
      await eventually(() => lease.signal.aborted);
      expect(lease.signal.reason).toBeInstanceOf(LeaseLostError);
      await writeUnderLease(context.database.db, second, { heal_attempt: 2 });
    });
  });
  expect(await findSandbox(context, row.user_id)).toMatchObject({ heal_attempt: 2 });
});
