import { chown, mkdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { boundRun } from './bound-run.ts';
import { removeFolder } from './files.ts';
import { type ProcessIdentity, identify } from './identity.ts';
import type { Secrets } from './secrets.ts';
import type { ServiceSpec } from './service.ts';
import { type User, giveTo } from './service-user.ts';

const ADMIN = 'postgres';
const NAME = 'shmastra';
const MAJOR = '17';

export type PostgresPlace = {
  /** The cluster's folder, as the service user reaches it. */
  folder: string;
  /** The folder of initdb and postgres. */
  binaries: string;
  port: number;
  user: User;
  secrets: Pick<Secrets, 'databaseAdminPassword' | 'databasePassword'>;
};

const connection = (place: Pick<PostgresPlace, 'port'>, user: string, password: string, database: string) =>
  `postgres://${user}:${password}@127.0.0.1:${place.port}/${database}`;

/** What front, web and worker connect with: a role that owns its database and nothing else. */
export function databaseUrl(place: Pick<PostgresPlace, 'port' | 'secrets'>): string {
  return connection(place, NAME, place.secrets.databasePassword, NAME);
}

/** Makes the cluster at the first start; checks that a later one can still read it. */
export async function ensureCluster(place: PostgresPlace, signal?: AbortSignal): Promise<void> {
  const version = await readFile(path.join(place.folder, 'PG_VERSION'), 'utf8').catch(() => '');
  if (version.trim() === MAJOR) {
    await giveTo(place.folder, place.user);
    return;
  }
  if (version) {
    throw new StartError(`The database in ${place.folder} was made by Postgres ${version.trim()}.`, {
      why: `this version of Shmastra Cloud runs Postgres ${MAJOR}`,
      next: 'dump it with the old version (pg_dumpall) and restore it into a new DATA_DIR',
    });
  }
  // What an interrupted initdb left has no PG_VERSION, and nothing of value.
  await removeFolder(place.folder);
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  await chown(place.folder, place.user.uid, place.user.gid);
  const passwordFile = `${place.folder}.password`;
  await writeFile(passwordFile, `${place.secrets.databaseAdminPassword}\n`, { mode: 0o600 });
  await chown(passwordFile, place.user.uid, place.user.gid);
  const { code, output } = await boundRun(
    path.join(place.binaries, 'initdb'),
    [
      ...['-D', place.folder, '-U', ADMIN, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8'],
      // The builtin provider sorts the same on every machine, whatever its C library.
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--data-checksums'],
    ],
    { ...place.user, cwd: '/', env: { PATH: process.env['PATH'] }, signal },
  );
  await rm(passwordFile, { force: true });
  if (code !== 0) {
    await removeFolder(place.folder);
    throw new StartError('The database could not be made.', {
      why: `initdb ended with code ${code}`,
      output,
      next: 'check the free disk space and that the data directory is on a local file system',
    });
  }
}

export function postgresService(place: PostgresPlace, env: Record<string, string>): ServiceSpec {
  const settings = {
    port: String(place.port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    password_encryption: 'scram-sha-256',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    name: 'postgres',
    command: path.join(place.binaries, 'postgres'),
    args: ['-D', place.folder, ...flags],
    cwd: '/',
    env,
    user: place.user,
    ready: () => accepts(connection(place, ADMIN, place.secrets.databaseAdminPassword, 'postgres')),
    // After kill -9 of the server its children need a moment to notice; until then a new one refuses to start.
    retries: 5,
    // "Fast": ends connections in place of waiting for them.
    stopSignal: 'SIGINT',
    stopMs: 20_000,
    adopt: () => runningCluster(place),
  };
}

/** The Postgres of this cluster that an earlier run left, if it listens where we want it. */
export async function runningCluster(place: Pick<PostgresPlace, 'folder' | 'port'>): Promise<ProcessIdentity | null> {
  const file = path.join(place.folder, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const process = identify(Number(lines[0]));
  if (!process) return null;
  const [folder, work] = await Promise.all([stat(place.folder), stat(`/proc/${process.pid}/cwd`).catch(() => null)]);
  const program = await readlink(`/proc/${process.pid}/exe`).catch(() => '');
  const ours = work?.ino === folder.ino && work.dev === folder.dev && path.basename(program) === 'postgres';
  if (ours && Number(lines[3]) === place.port) return process;
  // The pid was given to another program: Postgres would take that one for itself.
  if (!ours) await rm(file, { force: true });
  return null;
}

/** The role and the database of the control plane. */
export async function ensureDatabase(place: PostgresPlace): Promise<void> {
  const client = new pg.Client(connection(place, ADMIN, place.secrets.databaseAdminPassword, 'postgres'));
  await client.connect();
  try {
    const password = client.escapeLiteral(place.secrets.databasePassword);
    const role = await client.query('select 1 from pg_roles where rolname = $1', [NAME]);
    if (!role.rowCount) await client.query(`create role ${NAME} login password ${password}`);
    const database = await client.query('select 1 from pg_database where datname = $1', [NAME]);
    if (!database.rowCount) await client.query(`create database ${NAME} owner ${NAME}`);
  } finally {
    await client.end();
  }
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    // Never gets better by waiting.
    if (error instanceof pg.DatabaseError && error.code === '28P01') {
      throw new StartError('The database refuses our password.', {
        why: 'secrets.json is not the one that this database was made with',
        next: 'restore secrets.json and the database from the same backup',
      });
    }
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
