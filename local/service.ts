import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { processEnv } from '../scripts/bootstrap/run.mjs';
import { type ProcessIdentity, identify, isRunning } from './identity.ts';
import { tail } from './log-file.ts';
import { forgetProcess, rememberProcess } from './process-records.ts';
import type { User } from './service-user.ts';
import { signalGroup } from './signal-group.ts';
import { waitUntil } from './wait.ts';

export type ServiceSpec = {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Runs as root without it. */
  user?: User;
  /** Is it usable, so many milliseconds after it began? Asked again and again until it is, or `readyMs` is over. */
  ready: (sinceMs: number) => Promise<boolean>;
  readyMs?: number;
  /** How often a first start is tried again, a second later, when the process ended by itself. */
  retries?: number;
  stopSignal?: NodeJS.Signals;
  /** Milliseconds between the stop signal and SIGKILL. */
  stopMs?: number;
  /** A process of an earlier run that goes on serving. */
  adopt?: () => Promise<ProcessIdentity | null>;
};

export type ServiceHost = {
  /** Aborted when the box stops: a start under way is given up. */
  signal: AbortSignal;
  logs: string;
  records: string;
  /** Told to a person. */
  warn: (text: string) => void;
};

export type Service = ReturnType<typeof createService>;

const ENDED = 'it ended by itself';
const READY_MS = 60_000;
/** Processes finish what they do within 10 s of SIGTERM; a little more before they are killed. */
const STOP_MS = 12_000;
const BACK_OFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];
/** A process that ran this long had started well: the next crash begins a new row of attempts. */
const STABLE_MS = 60_000;
const WATCH_MS = 250;

/** One process of the box: started, watched, started again after a crash, stopped. */
export function createService(spec: ServiceSpec, host: ServiceHost) {
  const log = path.join(host.logs, `${spec.name}.log`);
  let current: ProcessIdentity | null = null;
  let stopping = false;
  let crashes = 0;
  let restart: NodeJS.Timeout | undefined;
  let watch: NodeJS.Timeout | undefined;

  async function launch(): Promise<void> {
    const from = sizeOf(log);
    const began = Date.now();
    const process = (await spec.adopt?.()) ?? (await spawnLogged(spec, log));
    current = process;
    await rememberProcess(host.records, spec.name, process);
    const ended = () => stopping || host.signal.aborted || !isRunning(process);
    let ready = false;
    await waitUntil(async () => ended() || (ready = await spec.ready(Date.now() - began)), {
      withinMs: spec.readyMs ?? READY_MS,
    });
    if (ready && isRunning(process)) {
      watchFor(process, began);
      return;
    }
    // stop() ends it in its own way.
    if (stopping || host.signal.aborted) return;
    const alive = isRunning(process);
    if (alive) signalGroup(process, 'SIGKILL');
    current = null;
    throw new StartError(`${spec.name} did not start.`, {
      why: alive ? `it gave no answer for ${(spec.readyMs ?? READY_MS) / 1000} s` : ENDED,
      output: await tail(log, from),
      log,
      next: 'the lines above say why; npm run doctor checks this machine and the settings',
    });
  }

  /** The process may be one that we adopted, so its end is seen in /proc and not by an event. */
  function watchFor(process: ProcessIdentity, began: number): void {
    watch = setInterval(() => {
      if (isRunning(process)) return;
      clearInterval(watch);
      if (current !== process || stopping) return;
      current = null;
      if (Date.now() - began > STABLE_MS) crashes = 0;
      void again();
    }, WATCH_MS);
  }

  async function again(why?: string): Promise<void> {
    const delay = BACK_OFF_MS[Math.min(crashes, BACK_OFF_MS.length - 1)] ?? 0;
    crashes += 1;
    const last = why ?? complaint((await tail(log)).split('\n').at(-1) ?? '');
    host.warn(
      `${spec.name} ended unexpectedly${last ? ` (${last.slice(0, 200)})` : ''}. Starting it again in ${delay / 1000} s. Log: ${log}`,
    );
    restart = setTimeout(() => {
      launch().then(
        () => host.warn(`${spec.name} runs again.`),
        (error: unknown) => {
          if (!stopping) void again(error instanceof StartError ? error.why : String(error));
        },
      );
    }, delay);
  }

  async function start(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await launch();
        return;
      } catch (error) {
        const again = error instanceof StartError && error.why === ENDED && attempt < (spec.retries ?? 0);
        if (stopping || host.signal.aborted || !again) throw error;
        await sleep(1_000);
      }
    }
  }

  return {
    name: spec.name,
    start,
    get process() {
      return current;
    },
    async stop(): Promise<void> {
      stopping = true;
      clearTimeout(restart);
      clearInterval(watch);
      const process = current;
      if (process) await endProcess(process, spec.stopSignal ?? 'SIGTERM', spec.stopMs ?? STOP_MS);
      current = null;
      await forgetProcess(host.records, spec.name);
    },
    /** Without waiting for anything: the person pressed Ctrl-C twice. */
    kill(): void {
      stopping = true;
      clearTimeout(restart);
      if (current) signalGroup(current, 'SIGKILL');
    },
  };
}

/** Asks a process to end, and ends it when it does not. */
export async function endProcess(process: ProcessIdentity, signal: NodeJS.Signals, withinMs: number): Promise<void> {
  signalGroup(process, signal);
  if (await waitUntil(() => !isRunning(process), { withinMs })) return;
  signalGroup(process, 'SIGKILL');
  await waitUntil(() => !isRunning(process), { withinMs: 5_000 });
}

/** In a process group of its own (Ctrl-C is ours to pass on), writing straight into its log so that it can outlive us. */
async function spawnLogged(spec: ServiceSpec, log: string): Promise<ProcessIdentity> {
  const file = openSync(log, 'a', 0o640);
  try {
    const { command, args, cwd, env, user } = spec;
    const child = spawn(command, args, {
      cwd,
      env: processEnv(env),
      ...user,
      detached: true,
      stdio: ['ignore', file, file],
    });
    child.unref();
    const failure = await new Promise<Error | null>((resolve) => {
      child.once('error', resolve);
      child.once('spawn', () => resolve(null));
    });
    const identity = child.pid === undefined ? null : identify(child.pid);
    if (identity) return identity;
    throw new StartError(`${spec.name} did not start.`, { why: failure?.message ?? 'it ended at once', log });
  } finally {
    closeSync(file);
  }
}

/** The last line of a log, unless it only tells of normal work: then the process was killed from outside. */
function complaint(line: string): string {
  return /^(info|debug|trace): | LOG: /.test(line) ? '' : line;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
