import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Database, openDatabase } from './db/database.ts';
import { createJobSender, type JobSender } from './jobs/sender.ts';
import { createLog, type Log } from './log.ts';
import { createE2bEngine } from './sandbox/e2b-engine.ts';
import type { SandboxEngine } from './sandbox/engine.ts';
import type { Settings } from './settings.ts';

/** What the functions of the domain work with. Time, randomness and the outside world come from here. */
export type Context = {
  settings: Settings;
  database: Database;
  log: Log;
  engine: SandboxEngine;
  jobs: JobSender;
  /** Names this process as the holder of leases. Unique per start. */
  instance: string;
  now(): Date;
  /** Cryptographically strong. */
  randomBytes(size: number): Buffer;
};

export type ContextOptions = Partial<Omit<Context, 'settings'>> & {
  /** Name of the process: `front`, `web`, `worker`. */
  name?: string;
  maxConnections?: number;
};

/** Makes a context. Connects to nothing yet: a process starts also while Postgres is away. */
export function createContext(settings: Settings, options: ContextOptions = {}): Context {
  const { name = 'shmastra', maxConnections, ...given } = options;
  const log = given.log ?? createLog(name, settings.logLevel);
  const database =
    given.database ??
    openDatabase(settings.databaseUrl, {
      name: `shmastra-${name}`,
      ...(maxConnections === undefined ? {} : { maxConnections }),
      onError: (error) => log.warn({ reason: error.message }, 'lost a connection to Postgres'),
    });
  return {
    settings,
    log,
    database,
    engine: given.engine ?? createE2bEngine(settings),
    jobs: given.jobs ?? createJobSender(settings.databaseUrl, log),
    instance: given.instance ?? `${name}:${hostname()}:${process.pid}:${randomUUID()}`,
    now: given.now ?? (() => new Date()),
    randomBytes: given.randomBytes ?? randomBytes,
  };
}

/** Ends what the context opened. */
export async function closeContext(context: Context): Promise<void> {
  await context.jobs.close();
  await context.database.close();
}
