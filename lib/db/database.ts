import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { createListener, type Listener } from './listener.ts';
import type { DB } from './schema.ts';

/** A connection of the pool, or a transaction: what a function takes that may be part of a larger transaction. */
export type Queryable = Kysely<DB> | Transaction<DB>;

export type Database = {
  db: Kysely<DB>;
  /** For libraries that want the driver itself. */
  pool: pg.Pool;
  listen: Listener['listen'];
  close(): Promise<void>;
};

export type DatabaseOptions = {
  /** Connections of the pool; one more listens. */
  maxConnections?: number;
  /** Shown in pg_stat_activity. */
  name?: string;
  /** Told when a connection is lost. Queries on it fail by themselves. */
  onError?: (error: Error) => void;
};

/** Milliseconds until an attempt to connect, or to get a free connection, is given up. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds after which Postgres ends a statement of ours. None of them is meant to be slow. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** Our 64-bit numbers are counters far below 2^53, so that plain numbers hold them. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    id === pg.types.builtins.INT8
      ? Number
      : pg.types.getTypeParser(id, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * Opens a pool. It connects at the first query, so that a process can start before Postgres answers; after a loss of
 * the connection the next query connects again.
 *
 * The driver is node-postgres: postgres.js 3.4 ends the whole process when Postgres dies during a transaction.
 */
export function openDatabase(url: string, options: DatabaseOptions = {}): Database {
  const name = options.name ?? 'shmastra';
  const onError = options.onError ?? (() => {});
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    types,
  });
  pool.on('error', onError);
  // A client in use reports the loss of its connection as an event too, which ends the process if nobody listens.
  pool.on('connect', (client) => client.on('error', onError));
  const listener = createListener(url, `${name}-listen`, onError);
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    pool,
    listen: listener.listen,
    close: async () => {
      await Promise.all([listener.close(), db.destroy()]);
    },
  };
}

const CONNECTION_FAILURES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'ENOENT']);

/** True when the error says that Postgres cannot be reached now, and not that something is wrong with the query. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Class 08: connection exception; 57P01-03: shutting down, crashed, starting up; 53300: too many connections.
  if (CONNECTION_FAILURES.has(code) || /^(08|57P0[123]|53300)/.test(code)) return true;
  return /connection error|connection terminated|timeout exceeded when trying to connect|timeout expired/i.test(
    error.message,
  );
}
