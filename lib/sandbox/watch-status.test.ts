import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestContext, insertUser, type TestContext } from '../testing.ts';
import { ensureSandbox } from './ensure.ts';
import { provisionSandbox } from './provision.ts';
import { applyObservation } from './observe.ts';
import { readStatus, type StatusView } from './status.ts';
import { watchStatus } from './watch-status.ts';

let context: TestContext;
beforeAll(async () => void (context = await createTestContext()));
afterAll(() => context.close());

it('shows the real steps in their order, as they happen, and ends when nobody looks', async () => {
  const userId = await insertUser(context);
  const { id } = await ensureSandbox(context, userId);
  const stop = new AbortController();
  const seen: StatusView[] = [];
  // Each phase waits until it was seen.
  context.engine.before = async (operation) => {
    if (operation !== 'health' && operation !== 'run') return;
    const phase = operation === 'run' ? 'configuring' : 'starting';
    while (!seen.some((view) => view.phase === phase)) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const provisioned = (async () => {
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await provisionSandbox(context, { sandbox: id }, new AbortController().signal);
  })();
  for await (const view of watchStatus(context, userId, stop.signal)) {
    seen.push(view);
    if (view.status === 'ready') stop.abort();
  }
  await provisioned;
  expect(seen[0]).toMatchObject({ status: 'provisioning', phase: 'queued', position: 1, attempt: 0, maxAttempts: 5 });
  const phases = seen.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1]);
  expect(phases).toEqual(
    ['queued', 'creating', 'configuring', 'starting', 'done'].filter((phase) => phases.includes(phase as never)),
  );
  const starting = seen.find(({ phase }) => phase === 'starting');
  expect(starting?.steps?.map(({ id: step, state }) => `${step} ${state}`)).toEqual([
    'queued done',
    'creating done',
    'configuring done',
    'starting active',
    'verifying waiting',
  ]);
  expect(seen.at(-1)).toMatchObject({ status: 'ready' });
  expect(seen.at(-1)?.error).toBeUndefined();
});

it('tells the place in the queue', async () => {
  const users = await Promise.all([insertUser(context), insertUser(context), insertUser(context)]);
  for (const userId of users) await ensureSandbox(context, userId);
  const positions = await Promise.all(
    users.map(async (userId) => {
      for await (const view of watchStatus(context, userId, new AbortController().signal)) return view.position;
      return undefined;
    }),
  );
  expect(positions).toEqual([1, 2, 3]);
});

it('tells that a machine which worked is gone, and nothing of the kind before there was one', async () => {
  const userId = await insertUser(context);
  const { id } = await ensureSandbox(context, userId);
  context.engine.before = async () => {};
  expect((await readStatus(context, userId))?.lost).toBeUndefined();
  await provisionSandbox(context, { sandbox: id }, new AbortController().signal);
  const row = await context.database.db
    .selectFrom('sandboxes')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(await applyObservation(context, row, 'missing')).toBe(true);
  expect(await readStatus(context, userId)).toMatchObject({ status: 'provisioning', lost: true });
});
