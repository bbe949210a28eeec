import { afterEach, beforeEach, expect, it } from 'vitest';
import { UnavailableError } from '../errors.ts';
import { createTestContext, eventually, insertUser, secondInstance, type TestContext } from '../testing.ts';
import { createKeyResolver } from '../virtual-keys/resolver.ts';
import { ensureSandbox, findSandbox } from './ensure.ts';
import { observePaused } from './observe.ts';
import { provisionSandbox } from './provision.ts';
import { MAX_ATTEMPTS } from './provision-failure.ts';
import { reconcileEngine, resendLostJobs } from './reconcile.ts';
import { serverToken } from './server-token.ts';
import type { SandboxRow } from './state.ts';
import { healthOf } from './testing.ts';

let context: TestContext;
let row: SandboxRow;
const never = new AbortController().signal;

beforeEach(async () => {
  context = await createTestContext();
  row = await ensureSandbox(context, await insertUser(context));
});
afterEach(() => context.close());

const provision = (on = context as Parameters<typeof provisionSandbox>[0]) =>
  provisionSandbox(on, { sandbox: row.id }, never);
const current = async () => (await findSandbox(context, row.user_id)) as SandboxRow;
const dueNow = () =>
  context.database.db
    .updateTable('sandboxes')
    .set({ next_attempt_at: new Date(0) })
    .where('id', '=', row.id)
    .execute();

it('makes a healthy sandbox with its environment and a key of its own', async () => {
  await provision();
  const ready = await current();
  expect(ready).toMatchObject({ status: 'ready', sandbox_id: 'fake1', attempt: 1, phase: 'done', lease_holder: null });
  expect(ready.template_revision).toBe('test-template');
  const environment = context.engine.sandboxes.get('fake1')?.environment ?? '';
  expect(environment).toContain('SANDBOX_ID=fake1\nSANDBOX_EPOCH=1\n');
  expect(environment).toContain(`SHMASTRA_SERVER_TOKEN=${serverToken(context.settings, ready)}\n`);
  expect(environment).toContain('OPENAI_BASE_URL=http://10.0.0.1:3001/api/gateway/openai/v1\n');
  const key = /^OPENAI_API_KEY=(.*)$/m.exec(environment)?.[1] ?? '';
  const resolver = createKeyResolver(context);
  expect(await resolver.resolveKey(key)).toMatchObject({ userId: row.user_id, kind: 'sandbox', sandbox: row.id });
  resolver.close();
  expect(context.engine.sandboxes.get('fake1')?.metadata).toEqual({
    deployment: 'test-deployment',
    sandboxRow: row.id,
    epoch: '1',
  });
});

it('does nothing for a sandbox that is ready, and nothing twice at once', async () => {
  await Promise.all([provision(), provision(secondInstance(context, 'other'))]);
  await provision();
  expect(context.engine.calls.filter((call) => call === 'create')).toHaveLength(1);
});

it('goes on where a killed worker ended, with the same engine sandbox', async () => {
  // The worker dies after the engine made the sandbox and before anybody wrote that down.
  const died = new Promise<void>(() => {});
  context.engine.before = (operation, sandboxId) => (operation === 'create' && sandboxId ? died : undefined);
  void provision(secondInstance(context, 'dead')).catch(() => {});
  await eventually(() => context.engine.sandboxes.size === 1);
  context.engine.before = () => {};
  await context.database.db
    .updateTable('sandboxes')
    .set({ lease_expires_at: new Date(0) })
    .execute();

  expect(await resendLostJobs(context)).toBe(0); // its first job still waits in the queue
  await provision();
  expect(await current()).toMatchObject({ status: 'ready', sandbox_id: 'fake1', attempt: 1 });
  expect(context.engine.sandboxes.size).toBe(1);
});

it('keeps the key of a sandbox whose environment was written before the interruption', async () => {
  const stopping = new AbortController();
  context.engine.healthOf = () => {
    stopping.abort();
    return healthOf('starting');
  };
  await provisionSandbox(context, { sandbox: row.id }, stopping.signal);
  const written = context.engine.sandboxes.get('fake1')?.environment;
  expect(await current()).toMatchObject({ status: 'provisioning', phase: 'starting', lease_holder: null });
  context.engine.healthOf = () => healthOf('ready');
  await provision();
  expect(await current()).toMatchObject({ status: 'ready', sandbox_id: 'fake1', attempt: 1 });
  expect(context.engine.sandboxes.get('fake1')?.environment).toBe(written);
});

it('kills the extra sandboxes of earlier epochs', async () => {
  const metadata = { deployment: 'test-deployment', sandboxRow: row.id, epoch: '0' };
  await context.engine.create({ template: 'shmastra', timeoutSeconds: 1, metadata });
  await provision();
  expect([...context.engine.sandboxes.keys()]).toEqual(['fake2']);
});

it('gives up after five attempts, tells why, and leaves nothing at the engine', async () => {
  context.engine.healthOf = () => healthOf('failed', 'no such module');
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    await dueNow();
    await provision();
    expect(context.engine.sandboxes.size).toBe(0);
    expect(await current()).toMatchObject({
      attempt,
      error_code: 'runner_failed',
      sandbox_id: null,
      lease_holder: null,
    });
  }
  expect(await current()).toMatchObject({ status: 'broken', error_message: expect.stringContaining('no such module') });
  await provision();
  expect(context.engine.calls.filter((call) => call === 'create')).toHaveLength(MAX_ATTEMPTS);
});

it('waits between attempts, and each has an epoch of its own', async () => {
  context.engine.before = (operation) => {
    if (operation === 'create') throw new UnavailableError('engine_error', 'no');
  };
  await provision();
  const failed = await current();
  expect(failed).toMatchObject({ status: 'provisioning', phase: 'queued', attempt: 1, epoch: 2 });
  expect(failed.next_attempt_at.getTime() - Date.now()).toBeGreaterThan(1_000);
  context.engine.before = () => {};
  await provision(); // too early
  expect(await current()).toMatchObject({ attempt: 1 });
  await dueNow();
  await provision();
  expect(await current()).toMatchObject({ status: 'ready', attempt: 2, epoch: 2, error_code: null });
});

it('goes on with the same sandbox after the engine was away', async () => {
  context.engine.before = (operation) => {
    if (operation === 'run') throw new UnavailableError('engine_unreachable', 'no answer');
  };
  await provision();
  expect(await current()).toMatchObject({
    attempt: 1,
    epoch: 1,
    sandbox_id: 'fake1',
    error_code: 'engine_unreachable',
  });
  context.engine.before = () => {};
  await dueNow();
  await provision();
  expect(await current()).toMatchObject({ status: 'ready', sandbox_id: 'fake1', attempt: 2 });
});

it('stops writing when it lost its lease', async () => {
  context.engine.before = async (operation) => {
    if (operation !== 'run') return;
    context.engine.before = () => {};
    await context.database.db
      .updateTable('sandboxes')
      .set({ lease_holder: 'other', lease_token: 77, lease_expires_at: new Date(Date.now() + 60_000) })
      .execute();
  };
  await provision();
  expect(await current()).toMatchObject({ status: 'provisioning', phase: 'configuring', lease_token: 77 });
});

it('finds the work again in a sandbox that the engine did not know for a moment, and never kills it', async () => {
  await provision();
  const worked = context.engine.sandboxes.get('fake1');
  context.engine.sandboxes.delete('fake1');
  expect(await observePaused(context, await current())).toBe('missing');
  if (worked) context.engine.sandboxes.set('fake1', worked);
  await reconcileEngine(context, { orphanGraceMs: 0 });
  context.engine.before = (operation) => {
    if (operation === 'run') throw new UnavailableError('engine_error', 'no');
  };
  await provision();
  expect(context.engine.sandboxes.has('fake1')).toBe(true);
  context.engine.before = () => {};
  context.engine.healthOf = () => healthOf('failed', 'hello.ts:3');
  await dueNow();
  await provision();
  expect(await current()).toMatchObject({ status: 'ready', sandbox_id: 'fake1', epoch: 3 });
  expect(worked?.environment).toContain('SANDBOX_EPOCH=3\n');
});
