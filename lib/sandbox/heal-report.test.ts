import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { createKeyResolver, type KeyResolver } from '../virtual-keys/resolver.ts';
import { ensureSandbox, findSandbox } from './ensure.ts';
import { recordHealReport } from './heal-report.ts';
import { withLease } from './lease.ts';
import { provisionSandbox } from './provision.ts';
import { judgeSilentHeals } from './reconcile-healing.ts';
import type { SandboxRow } from './state.ts';
import { healthOf } from './testing.ts';

let context: TestContext;
let resolver: KeyResolver;
let row: SandboxRow;
let key: string;

beforeEach(async () => {
  context = await createTestContext();
  resolver = createKeyResolver(context);
  ({ row, key } = await readySandbox());
});
afterEach(async () => {
  resolver.close();
  await context.close();
});

async function readySandbox() {
  const { id, user_id: userId } = await ensureSandbox(context, await insertUser(context));
  await provisionSandbox(context, { sandbox: id }, new AbortController().signal);
  const made = (await findSandbox(context, userId)) as SandboxRow;
  const environment = context.engine.sandboxes.get(made.sandbox_id ?? '')?.environment ?? '';
  return { row: made, key: /^VIRTUAL_KEY=(.*)$/m.exec(environment)?.[1] ?? '' };
}
const report = (body: object, with_ = key) =>
  recordHealReport(
    { database: context.database, resolveKey: resolver.resolveKey },
    { key: with_, body: { sandboxId: row.sandbox_id, epoch: row.epoch, attempt: 1, cause: 'test', ...body } },
  );

it('follows a repair to its verdict', async () => {
  expect(await report({ state: 'healing' })).toEqual({ status: 'healing' });
  expect(await report({ state: 'healing', attempt: 2 })).toEqual({ status: 'healing' });
  expect(await report({ state: 'ready' })).toEqual({ status: 'ready' });
  await report({ state: 'healing' });
  expect(await report({ state: 'broken', cause: 'npm install failed' })).toEqual({ status: 'broken' });
  expect(await findSandbox(context, row.user_id)).toMatchObject({
    error_code: 'heal_failed',
    error_message: 'npm install failed',
  });
  expect(await report({ state: 'ready' })).toEqual({ status: 'broken' });
});

it('writes down what the healer sees, which changes nothing', async () => {
  expect(await report({ state: 'failed', cause: 'hello.ts:3 has an error' })).toEqual({ status: 'ready' });
  expect(await report({ state: 'unreachable' })).toEqual({ status: 'ready' });
  const events = await context.database.db
    .selectFrom('sandbox_events')
    .select('reason')
    .where('kind', '=', 'heal')
    .execute();
  expect(events).toEqual([{ reason: 'hello.ts:3 has an error' }, { reason: 'test' }]);
});

it('refuses what is not about the present sandbox of the owner of the key', async () => {
  const other = await readySandbox();
  await expect(report({ state: 'healing', epoch: row.epoch + 1 })).rejects.toMatchObject({
    code: 'stale_report',
    status: 409,
  });
  await expect(report({ state: 'healing', sandboxId: 'another' })).rejects.toMatchObject({ code: 'stale_report' });
  await expect(report({ state: 'healing' }, other.key)).rejects.toMatchObject({ code: 'stale_report' });
  await expect(report({ state: 'healing' }, 'vk_wrong')).rejects.toMatchObject({ code: 'unknown_key', status: 401 });
  await expect(report({ state: 'deleted' })).rejects.toMatchObject({ code: 'invalid_report', status: 400 });
  expect(await findSandbox(context, row.user_id)).toMatchObject({ status: 'ready' });
});

it('refuses a key of a guest', async () => {
  await context.database.db.updateTable('virtual_keys').set({ kind: 'guest' }).execute();
  await expect(report({ state: 'healing' })).rejects.toMatchObject({ code: 'wrong_key', status: 403 });
});

it('leaves a sandbox that somebody changes to its holder', async () => {
  await withLease(context, row.id, { purpose: 'update' }, async () => {
    expect(await report({ state: 'healing' })).toEqual({ status: 'ready' });
  });
});

it.each(['ready', 'failed'] as const)('gives a repair that fell silent its verdict: %s', async (state) => {
  await report({ state: 'healing' });
  expect(await judgeSilentHeals(context)).toBe(0);
  await context.database.db
    .updateTable('sandboxes')
    .set({ healed_at: new Date(0), status_started_at: new Date(0) })
    .execute();
  context.engine.healthOf = () => healthOf(state, 'syntax error');
  expect(await judgeSilentHeals(context)).toBe(1);
  expect(await findSandbox(context, row.user_id)).toMatchObject(
    state === 'ready'
      ? { status: 'ready' }
      : { status: 'broken', error_code: 'heal_no_verdict', error_message: 'syntax error' },
  );
});
