import { existsSync } from 'node:fs';
import path from 'node:path';
import { AdminError } from '../admin/client.ts';
import { socketPath } from '../admin/socket.ts';
import { AddressPool } from '../network/addresses.ts';
import { isAlive } from '../runtime/process.ts';
import { readHolder } from '../state/engine-lock.ts';
import { readInstance } from '../state/instance.ts';
import type { SandboxRecord } from '../state/record.ts';
import { SandboxStore } from '../state/sandbox-store.ts';
import { CliError, UsageError } from './command.ts';

/** The data folder of `npm start`, from where it is started. */
const USUAL_FOLDER = '.data/engine';

/** The engine that a command is about: its data folder, and its socket while it runs. */
export class Place {
  readonly dataDir: string;

  constructor(dataDir: string) {
    this.dataDir = path.resolve(dataDir);
  }

  /** @throws UsageError when nothing says which folder it is */
  static find(given: string | undefined, env: NodeJS.ProcessEnv = process.env): Place {
    const named = given ?? env.ENGINE_DATA_DIR;
    if (named) return new Place(named);
    const usual = env.DATA_DIR ? path.join(env.DATA_DIR, 'engine') : USUAL_FOLDER;
    if (existsSync(path.join(usual, 'instance.json'))) return new Place(usual);
    throw new UsageError(
      `--data-dir is missing (nor is ENGINE_DATA_DIR set, and ${path.resolve(usual)} is no engine's data folder)`,
    );
  }

  /** @throws CliError when no engine has run on the folder */
  async instance() {
    const instance = await readInstance(this.dataDir).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EACCES' ? notRoot() : error;
    });
    if (instance !== null) return instance;
    throw new CliError(`No engine has run on ${this.dataDir}.`, 'name its folder with --data-dir');
  }

  /** Its process id, null when no engine runs on the folder. */
  async enginePid(): Promise<number | null> {
    const holder = await readHolder(path.join(this.dataDir, 'engine.lock'));
    return holder !== null && isAlive(holder) ? holder.pid : null;
  }

  /** The socket of the running engine; null when none runs. */
  async socket(): Promise<string | null> {
    const { instance } = await this.instance();
    return (await this.enginePid()) === null ? null : socketPath(instance);
  }

  /** @throws CliError when no engine runs */
  async runningSocket(): Promise<string> {
    const socket = await this.socket();
    if (socket !== null) return socket;
    throw new CliError(
      `No engine runs on ${this.dataDir}.`,
      'start it: engine start, or npm start for all of Shmastra Cloud',
    );
  }

  get store(): SandboxStore {
    return new SandboxStore(path.join(this.dataDir, 'sandboxes'));
  }

  /** The record on disk: its tokens are in it. @throws CliError */
  async record(id: string): Promise<SandboxRecord> {
    const entry = (await this.store.load()).find((found) => found.id === id);
    if (entry === undefined) throw new CliError(`There is no sandbox ${id}.`, 'see: engine list --all');
    if (entry.record !== null) return entry.record;
    throw new CliError(`The record of sandbox ${id} cannot be read.`, `look at ${this.store.folder(id)}`);
  }

  async address(record: SandboxRecord): Promise<string> {
    return new AddressPool((await this.instance()).subnet).address(record.addressIndex);
  }
}

export function notRoot(): CliError {
  return new CliError("The engine's data folder can be read by root alone.", 'run the command with sudo');
}

/** What the engine answered is said in its own words. */
export function asCliError(error: unknown): unknown {
  return error instanceof AdminError ? new CliError(error.message) : error;
}
