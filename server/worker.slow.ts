import { Sandbox } from 'e2b';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { TestEngine } from '../engine/testing/engine.ts';
import { closeContext, type Context, createContext } from '../lib/context.ts';
import { migrate } from '../lib/db/migrate.ts';
import { startTestPostgres, type TestPostgres } from '../lib/db/testing-postgres.ts';
import { installJobs } from '../lib/jobs/install.ts';
import { createLog } from '../lib/log.ts';
import {
  ensureSandbox,
  findSandbox,
  observePaused,
  reconcileEngine,
  type SandboxRow,
  wakeSandbox,
} from '../lib/sandbox/index.ts';
import { loadSettings } from '../lib/settings.ts';
import { eventually, insertUser } from '../lib/testing.ts';
import { buildStandInTemplate } from './testing/stand-in-template.ts';
import { WorkerProcess } from './testing/worker-process.ts';

const ALL_READY_MS = 90_000;

let postgres: TestPostgres;
let engine: TestEngine;
let context: Context;
let worker: WorkerProcess;

beforeAll(async () => {
  [postgres, engine] = await Promise.all([startTestPostgres(), TestEngine.start()]);
  await migrate(postgres.url, { info: () => {} });
  await installJobs(postgres.url);
  await buildStandInTemplate('shmastra', engine.connection);
  const env = {
    ...engine.sdkEnv,
    DATABASE_URL: postgres.url,
    AUTH_SECRET: 'a secret of the tests that is long enough',
    DEPLOYMENT_ID: 'worker-test',
    SANDBOX_UPSTREAM: engine.url,
    SANDBOX_CONTROL_URL: 'http://10.0.0.1:3001',
  };
  context = createContext(loadSettings(env), { name: 'test', log: createLog('test', 'silent') });
  worker = new WorkerProcess(env);
});
afterAll(async () => {
  await closeContext(context);
  await engine.dispose();
  await postgres.remove();
});
beforeEach(() => worker.start());
afterEach(async () => void (await worker.end('SIGKILL')));

async function newUsers(count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => insertUser(context)));
}

const rowOf = async (userId: string) => (await findSandbox(context, userId)) as SandboxRow;

/** Waits until all are ready, and checks that each has exactly one engine sandbox. */
async function allReady(users: string[]): Promise<SandboxRow[]> {
  const rows = await eventually(async () => {
    const found = await Promise.all(users.map((userId) => rowOf(userId).catch(() => undefined)));
    return found.every((row) => row?.status === 'ready') && (found as SandboxRow[]);
  }, ALL_READY_MS);
  const listed = await context.engine.list({ deployment: 'worker-test' });
  for (const row of rows) {
    const own = listed.filter(({ metadata }) => metadata['sandboxRow'] === row.id);
    expect(own.map(({ sandboxId }) => sandboxId)).toEqual([row.sandbox_id]);
  }
  return rows;
}

const someAreBeingMade = (users: string[]) =>
  eventually(async () => {
    const rows = await Promise.all(users.map(rowOf));
    return rows.some(({ phase }) => phase === 'creating') && rows.some(({ phase }) => phase !== 'queued');
  });

it('provisions with little of its own time', async () => {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const [userId = ''] = await newUsers(1);
    const started = performance.now();
    await ensureSandbox(context, userId);
    await allReady([userId]);
    times.push(performance.now() - started);
  }
  expect(times.toSorted((a, b) => a - b)[2]).toBeLessThan(3_000);
});

it('writes an environment that only root can read', async () => {
  const [userId = ''] = await newUsers(1);
  await ensureSandbox(context, userId);
  const [row] = await allReady([userId]);
  const sandbox = await Sandbox.connect(row?.sandbox_id ?? '', engine.connection);
  const { stdout } = await sandbox.commands.run(
    'stat -c "%U %a %n" /etc/shmastra /etc/shmastra/*; ls -A /etc/shmastra; cat /etc/shmastra/env',
    {
      user: 'root',
    },
  );
  expect(stdout).toContain('root 700 /etc/shmastra\nroot 600 /etc/shmastra/env\n');
  expect(stdout).toContain('SANDBOX_EPOCH=1');
  const asUser = sandbox.commands.run('cat /etc/shmastra/env');
  await expect(asUser).rejects.toMatchObject({ stderr: expect.stringContaining('Permission denied') });
});

it('goes on after kill -9 of the worker', async () => {
  const users = await newUsers(6);
  for (const userId of users) await ensureSandbox(context, userId);
  await someAreBeingMade(users);
  expect(await worker.end('SIGKILL')).toBe('SIGKILL');
  await worker.start();
  const rows = await allReady(users);
  // Nobody waited until the leases of the dead worker ran out.
  expect(worker.output).toContain('the holder of a lease is dead');
  expect(rows.map(({ attempt }) => attempt)).toEqual(users.map(() => 1));
});

it('hands its work back when it is told to end', async () => {
  const users = await newUsers(5);
  for (const userId of users) await ensureSandbox(context, userId);
  await someAreBeingMade(users);
  const asked = Date.now();
  expect(await worker.end('SIGTERM')).toBe(0);
  expect(Date.now() - asked).toBeLessThan(5_000);
  const rows = await Promise.all(users.map(rowOf));
  expect(rows.map(({ lease_holder: holder }) => holder)).toEqual(users.map(() => null));
  await worker.start();
  await allReady(users);
});

it('goes on after kill -9 of the engine', async () => {
  const users = await newUsers(5);
  for (const userId of users) await ensureSandbox(context, userId);
  await someAreBeingMade(users);
  await engine.end('SIGKILL');
  await engine.launch();
  const rows = await allReady(users);
  expect(rows).toHaveLength(users.length);
});

it('goes on after kill -9 of Postgres, in the same process', async () => {
  const users = await newUsers(5);
  for (const userId of users) await ensureSandbox(context, userId);
  await someAreBeingMade(users);
  await postgres.crash();
  await postgres.start();
  await allReady(users);
  expect(worker.running).toBe(true);
});

it('sees that the engine paused or lost a sandbox', async () => {
  const [userId = ''] = await newUsers(1);
  await ensureSandbox(context, userId);
  const [row] = await allReady([userId]);
  await Sandbox.pause(row?.sandbox_id ?? '', engine.connection);
  await eventually(async () => (await rowOf(userId)).status === 'paused', 15_000);
  expect(await context.engine.health(row?.sandbox_id ?? '')).toBeNull();
  const started = performance.now();
  expect(await wakeSandbox(context, await rowOf(userId), { by: { kind: 'user', id: userId }, reason: 'A click' })).toBe(
    'ready',
  );
  expect(performance.now() - started).toBeLessThan(1_000);
  await Sandbox.kill(row?.sandbox_id ?? '', engine.connection);
  expect(await observePaused(context, await rowOf(userId))).toBe('missing');
  const [second] = await allReady([userId]);
  expect(second?.epoch).toBe(2);
});

it('keeps a sandbox that was worked in when its row is gone, and reports it once', async () => {
  const [userId = ''] = await newUsers(1);
  await ensureSandbox(context, userId);
  const [row] = await allReady([userId]);
  const sandboxId = row?.sandbox_id ?? '';
  const { db } = context.database;
  await db.deleteFrom('sandboxes').where('user_id', '=', userId).execute();
  const reports = () =>
    db
      .selectFrom('audit_log')
      .where('action', '=', 'sandbox.orphan_kept')
      .where('target_id', '=', sandboxId)
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
  // The worker itself would wait a minute before it does the same.
  expect((await reconcileEngine(context, { orphanGraceMs: 0 })).reported).toBe(1);
  expect((await reconcileEngine(context, { orphanGraceMs: 0 })).reported).toBe(0);
  expect(Number((await reports()).count)).toBe(1);
  expect((await Sandbox.getInfo(sandboxId, engine.connection)).state).toBe('running');
  await Sandbox.kill(sandboxId, engine.connection);
});
