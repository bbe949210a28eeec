import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestContext, insertUser, secondInstance, type TestContext } from '../testing.ts';
import { ensureSandbox, findSandbox } from './ensure.ts';
import { extendSandbox } from './extend.ts';
import { withLease } from './lease.ts';
import { applyObservation, observePaused } from './observe.ts';
import { provisionSandbox } from './provision.ts';
import { reconcileEngine } from './reconcile.ts';
import type { SandboxRow } from './state.ts';
import { healthOf } from './testing.ts';
import { wakeSandbox } from './wake.ts';

let context: TestContext;
let row: SandboxRow;
const by = { kind: 'user', id: 'u' } as const;
const never = new AbortController().signal;

beforeEach(async () => {
  context = await createTestContext();
  const { id, user_id: userId } = await ensureSandbox(context, await insertUser(context));
  await provisionSandbox(context, { sandbox: id }, never);
  row = (await findSandbox(context, userId)) as SandboxRow;
});
afterEach(() => context.close());

const current = async () => (await findSandbox(context, row.user_id)) as SandboxRow;
const engineSandbox = () => context.engine.sandboxes.get(row.sandbox_id ?? '');
async function pause(): Promise<SandboxRow> {
  const sandbox = engineSandbox();
  if (sandbox) sandbox.state = 'paused';
  expect(await observePaused(context, row)).toBe('paused');
  return current();
}

it('sees that the engine paused it, and wakes it', async () => {
  const paused = await pause();
  expect(paused).toMatchObject({ status: 'paused', engine_state: 'paused' });
  expect(await wakeSandbox(context, paused, { by, reason: 'A click' })).toBe('ready');
  expect(await current()).toMatchObject({ status: 'ready', lease_holder: null });
  expect(engineSandbox()?.state).toBe('running');
});

it('asks the engine once, however many callers and instances ask at once', async () => {
  const paused = await pause();
  const other = secondInstance(context, 'other');
  context.engine.calls.length = 0;
  const results = await Promise.all(
    Array.from({ length: 10 }, (_, index) => wakeSandbox(index % 2 ? context : other, paused, { by, reason: 'test' })),
  );
  expect(new Set(results)).toEqual(new Set(['ready']));
  expect(context.engine.calls.filter((call) => call === 'connect')).toHaveLength(1);
});

it('answers when to come back when it takes longer than a request should, and goes on', async () => {
  const paused = await pause();
  let finish = () => {};
  context.engine.before = (operation) =>
    operation === 'connect' ? new Promise((resolve) => (finish = resolve)) : undefined;
  expect(await wakeSandbox(context, paused, { by, reason: 'test', waitMs: 50 })).toEqual({ retryAfterSeconds: 2 });
  finish();
  expect(await wakeSandbox(context, paused, { by, reason: 'test' })).toBe('ready');
});

it('lets people at code that does not run', async () => {
  const paused = await pause();
  context.engine.healthOf = () => healthOf('failed', 'hello.ts:3');
  expect(await wakeSandbox(context, paused, { by, reason: 'test' })).toBe('ready');
});

it('makes a new one when the engine has lost it', async () => {
  const paused = await pause();
  context.engine.sandboxes.clear();
  expect(await wakeSandbox(context, paused, { by, reason: 'test' })).toEqual({ retryAfterSeconds: 2 });
  expect(await current()).toMatchObject({
    status: 'provisioning',
    epoch: 2,
    sandbox_id: null,
    attempt: 0,
    lease_holder: null,
  });
  await provisionSandbox(context, { sandbox: row.id }, never);
  expect(await current()).toMatchObject({ status: 'ready', epoch: 2, sandbox_id: 'fake2' });
});

it('leaves a sandbox that is being changed to its holder', async () => {
  await pause();
  await withLease(context, row.id, { purpose: 'update' }, async () => {
    expect(await applyObservation(context, await current(), 'missing')).toBe(false);
    expect(await wakeSandbox(context, row, { by, reason: 'test', waitMs: 50 })).toEqual({ retryAfterSeconds: 2 });
  });
  expect(await current()).toMatchObject({ status: 'paused' });
});

it('does not believe an observation that is older than the last change', async () => {
  const before = await current();
  await pause();
  await wakeSandbox(context, await current(), { by, reason: 'test' });
  expect(await applyObservation(context, before, 'paused')).toBe(false);
  expect(await current()).toMatchObject({ status: 'ready' });
});

it('brings rows in line with the engine', async () => {
  const sandbox = engineSandbox();
  if (sandbox) sandbox.state = 'paused';
  expect(await reconcileEngine(context)).toMatchObject({ observed: 1 });
  expect(await current()).toMatchObject({ status: 'paused' });
  context.engine.sandboxes.clear();
  expect(await reconcileEngine(context)).toMatchObject({ observed: 1 });
  expect(await current()).toMatchObject({ status: 'provisioning', epoch: 2 });
});

it('extends at most once a minute, by all instances together, and never throws', async () => {
  const extends_ = () => context.engine.calls.filter((call) => call === 'extend').length;
  await Promise.all(Array.from({ length: 5 }, () => extendSandbox(context, row)));
  await extendSandbox(secondInstance(context, 'other'), row);
  expect(extends_()).toBe(1);
  await context.database.db
    .updateTable('sandboxes')
    .set({ extended_at: new Date(0) })
    .execute();
  context.engine.sandboxes.clear();
  await extendSandbox(secondInstance(context, 'third'), row);
  expect(await current()).toMatchObject({ status: 'provisioning' });
});
