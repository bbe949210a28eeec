import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { ensureSandbox } from './ensure.ts';
import { LeaseLostError, SandboxBusyError, TransitionError } from './errors.ts';
import { withLease } from './lease.ts';
import { transition } from './transition.ts';

let context: TestContext;
beforeAll(async () => void (context = await createTestContext()));
afterAll(() => context.close());

const by = { kind: 'system', id: 'test' } as const;

async function readySandbox() {
  const row = await ensureSandbox(context, await insertUser(context));
  return transition(context, { sandbox: row.id, to: 'ready', by, reason: 'test', set: { sandbox_id: `s${row.id}` } });
}

it('writes the row and an event that says who and why', async () => {
  const row = await readySandbox();
  await transition(context, { sandbox: row.id, to: 'paused', by: { kind: 'engine' }, reason: 'Idle' });
  const events = await context.database.db
    .selectFrom('sandbox_events')
    .selectAll()
    .where('sandbox', '=', row.id)
    .orderBy('id')
    .execute();
  expect(
    events.map(({ from_status, to_status, by_kind, reason }) => [from_status, to_status, by_kind, reason]),
  ).toEqual([
    [null, 'provisioning', 'user', 'First visit'],
    ['provisioning', 'ready', 'system', 'test'],
    ['ready', 'paused', 'engine', 'Idle'],
  ]);
});

it('refuses what the state machine refuses, and writes nothing', async () => {
  const row = await readySandbox();
  await expect(
    transition(context, { sandbox: row.id, to: 'broken', by, reason: 'no', set: { error_code: 'x' } }),
  ).rejects.toThrow(TransitionError);
  const { status } = await context.database.db
    .selectFrom('sandboxes')
    .select('status')
    .where('id', '=', row.id)
    .executeTakeFirstOrThrow();
  expect(status).toBe('ready');
});

it('lets one of two opposite changes at once win', async () => {
  const row = await readySandbox();
  const expect_ = { leaseToken: row.lease_token, status: 'ready' } as const;
  const results = await Promise.allSettled([
    transition(context, { sandbox: row.id, to: 'paused', by, reason: 'a', expect: expect_ }),
    transition(context, { sandbox: row.id, to: 'healing', by, reason: 'b', expect: expect_ }),
  ]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

it('needs the lease while somebody holds it', async () => {
  const row = await readySandbox();
  await withLease(context, row.id, { purpose: 'test' }, async (lease) => {
    const change = { sandbox: row.id, to: 'paused', by, reason: 'x' } as const;
    await expect(transition(context, change)).rejects.toThrow(SandboxBusyError);
    await expect(transition(context, { ...change, lease: { token: lease.token - 1 } })).rejects.toThrow(LeaseLostError);
    expect((await transition(context, { ...change, lease })).status).toBe('paused');
  });
});

it('keeps the history as it was written', async () => {
  const row = await readySandbox();
  const { db } = context.database;
  await expect(db.deleteFrom('sandbox_events').where('sandbox', '=', row.id).execute()).rejects.toThrow('append-only');
  await expect(db.updateTable('audit_log').set({ action: 'x' }).execute()).rejects.toThrow('append-only');
});
