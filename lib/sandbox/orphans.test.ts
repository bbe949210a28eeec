import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestContext, insertUser, secondInstance, type TestContext } from '../testing.ts';
import { ensureSandbox, findSandbox } from './ensure.ts';
import { observePaused } from './observe.ts';
import { provisionSandbox } from './provision.ts';
import { reconcileEngine } from './reconcile.ts';
import type { SandboxRow } from './state.ts';

const EMAIL = 'ada@example.com';
const NO_GRACE = { orphanGraceMs: 0 };

let context: TestContext;
let row: SandboxRow;
beforeEach(async () => {
  context = await createTestContext();
  row = await ensureSandbox(context, await insertUser(context, EMAIL));
  await provisionSandbox(context, { sandbox: row.id }, new AbortController().signal);
});
afterEach(() => context.close());

const make = (metadata: Record<string, string>) =>
  context.engine.create({ template: 'shmastra', timeoutSeconds: 1, metadata });
const sandboxes = () => [...context.engine.sandboxes.keys()];
const audits = () =>
  context.database.db
    .selectFrom('audit_log')
    .where('action', 'like', 'sandbox.orphan%')
    .select(['action', 'target_id', 'details'])
    .orderBy('id')
    .execute();
/** The row is gone, as after a restore of an older database, while the history is there. */
const deleteRow = async () => {
  await context.database.db.deleteFrom('sandboxes').where('id', '=', row.id).execute();
};

it('kills what no row knows and nobody worked in, after a grace', async () => {
  await make({ deployment: 'test-deployment', sandboxRow: row.id, epoch: '9' });
  await make({ deployment: 'another' });
  expect(await reconcileEngine(context)).toEqual({ observed: 0, killed: 0, reported: 0 });
  expect(await reconcileEngine(context, NO_GRACE)).toEqual({ observed: 0, killed: 1, reported: 0 });
  expect(sandboxes()).toEqual(['fake1', 'fake3']);
  expect(await audits()).toMatchObject([{ action: 'sandbox.orphan_killed', target_id: 'fake2' }]);
});

it('kills a bounded number in one go, and the rest in the next', async () => {
  for (let index = 0; index < 25; index += 1) await make({ deployment: 'test-deployment', epoch: '1' });
  expect((await reconcileEngine(context, NO_GRACE)).killed).toBe(20);
  expect((await reconcileEngine(context, NO_GRACE)).killed).toBe(5);
  expect(sandboxes()).toEqual(['fake1']);
});

it('keeps what somebody worked in, and reports it once, whoever looks', async () => {
  await deleteRow();
  expect(await reconcileEngine(context, NO_GRACE)).toEqual({ observed: 0, killed: 0, reported: 1 });
  expect(await reconcileEngine(context, NO_GRACE)).toEqual({ observed: 0, killed: 0, reported: 0 });
  expect((await reconcileEngine(secondInstance(context, 'other'), NO_GRACE)).reported).toBe(0);
  expect(sandboxes()).toEqual(['fake1']);
  expect(await audits()).toMatchObject([
    { action: 'sandbox.orphan_kept', target_id: 'fake1', details: { owner: EMAIL, metadata: { sandboxRow: row.id } } },
  ]);
});

it('does not report one that its row is about to find again', async () => {
  const lost = context.engine.sandboxes.get('fake1');
  context.engine.sandboxes.delete('fake1');
  expect(await observePaused(context, (await findSandbox(context, row.user_id)) as SandboxRow)).toBe('missing');
  if (lost) context.engine.sandboxes.set('fake1', lost);
  expect(await reconcileEngine(context, NO_GRACE)).toMatchObject({ killed: 0, reported: 0 });
  expect(sandboxes()).toEqual(['fake1']);
});
