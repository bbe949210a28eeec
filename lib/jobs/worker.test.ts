import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestContext, eventually, insertUser, type TestContext } from '../testing.ts';
import { ensureSandbox } from '../sandbox/ensure.ts';
import { type JobWorker, startJobWorker } from './worker.ts';

let context: TestContext;
const workers: JobWorker[] = [];
beforeEach(async () => void (context = await createTestContext()));
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await context.close();
});

async function start(handle: (sandbox: string, signal: AbortSignal) => Promise<void> | void, concurrency = 1) {
  const worker = await startJobWorker(context.database.url, context.log, {
    provision: { concurrency, handle: async ({ sandbox }, signal) => handle(sandbox, signal) },
  });
  workers.push(worker);
  return worker;
}
const send = (sandbox: string, startAfter?: Date) =>
  context.jobs.send(
    context.database.db,
    'provision',
    { sandbox },
    { key: sandbox, ...(startAfter ? { startAfter } : {}) },
  );

it('starts a job within milliseconds of the commit', async () => {
  const started = new Map<string, number>();
  await start((sandbox) => void started.set(sandbox, performance.now()), 3);
  await send(crypto.randomUUID()); // the first one also starts the sender
  const delays: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const userId = await insertUser(context);
    const { id } = await ensureSandbox(context, userId);
    const committed = performance.now();
    await eventually(() => started.has(id));
    delays.push((started.get(id) ?? 0) - committed);
  }
  const median = delays.toSorted((a, b) => a - b)[5] ?? Infinity;
  expect(median).toBeLessThan(50);
});

it('keeps one waiting job per key, and adds another while one is at work', async () => {
  const sandbox = crypto.randomUUID();
  expect([await send(sandbox), await send(sandbox)]).toEqual([true, false]);
  let runs = 0;
  let release = () => {};
  await start(() => {
    runs += 1;
    return runs === 1 ? new Promise<void>((resolve) => (release = resolve)) : undefined;
  }, 2);
  await eventually(() => runs === 1);
  expect(await send(sandbox)).toBe(true);
  await eventually(() => runs === 2);
  release();
});

it('holds back a job until its time', async () => {
  const started: number[] = [];
  await start(() => void started.push(Date.now()));
  const at = Date.now() + 1_000;
  await send(crypto.randomUUID(), new Date(at));
  await eventually(() => started.length === 1);
  expect(started[0]).toBeGreaterThanOrEqual(at);
  expect((started[0] ?? 0) - at).toBeLessThan(1_500);
});

it('tells handlers to stop, and waits for them', async () => {
  let began = false;
  let ended = false;
  const worker = await start(async (_sandbox, signal) => {
    began = true;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    ended = true;
  });
  await send(crypto.randomUUID());
  await eventually(() => began);
  await worker.stop();
  expect(ended).toBe(true);
});

it('drops a job that nobody understands', async () => {
  const seen: string[] = [];
  await start((sandbox) => void seen.push(sandbox));
  await context.database.pool.query("insert into pgboss.job (name, data) values ('provision', '{\"sandbox\": 1}')");
  const good = crypto.randomUUID();
  await send(good);
  await eventually(() => seen.length > 0);
  expect(seen).toEqual([good]);
});
