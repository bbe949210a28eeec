import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppOutput } from './app-output.ts';
import { sourcePosition } from './app/source-position.ts';
import type { Environment } from './environment.ts';
import type { SourceError } from './health.ts';
import { Heartbeat } from './heartbeat.ts';
import { whereIs } from './interrupt.ts';
import { residentMb } from './memory.ts';
import { parseFromApp, type FromApp, type ToApp } from './messages.ts';

export type LoadOutcome =
  | { kind: 'loaded' }
  | { kind: 'failed'; error: SourceError }
  | { kind: 'restart-needed'; reason: string }
  /** The process ended, or stopped to respond and was ended, while it loaded the code. */
  | { kind: 'died'; error: SourceError };

export type AppOptions = {
  projectDir: string;
  /** A process that does not respond for so long is ended. */
  hangSeconds: number;
  /** What it may hold in memory. */
  memoryMb: number;
  /** How long code may take to be loaded. */
  loadSeconds?: number;
  /** `check`: what it loads is thrown away, with data in memory only. */
  purpose?: 'serve' | 'check';
};

/** Loading Mastra itself keeps a process busy for a second, on a crowded machine for many. */
const MIN_COLD_SECONDS = 60;
/** Code may wait for something while it is loaded, such as a server that it connects to. */
const LOAD_SECONDS = 60;
/** What has begun may go on for so long when a process is asked to stop: as long as requests can wait for the next one. */
const GRACE_MS = 1500;
const KILL_AFTER_MS = GRACE_MS + 1200;
const LOCATE_MS = 3000;
/** Of the memory that a process may hold, its JavaScript. The same in each process: V8 takes cached code only then. */
const HEAP_SHARE = 0.75;
const LOADING_SHARE = 0.6;
const FIRST_SILENCE_MS = 200;
/** A process that ends like this and held more than half of what it may has most likely run out of memory. */
const ABORTS = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL']);
/** When the machine runs out of memory, the kernel should end the app rather than the runner. */
const OOM_SCORE = '800';

/** The running app process: how to talk to it, and whether it lives. */
export class AppProcess {
  readonly socketPath: string;
  readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  /** Resolves with the reason once the process is gone. */
  readonly exited: Promise<SourceError>;
  readonly #child: ChildProcess;
  readonly #options: AppOptions;
  readonly #events = new EventEmitter<{ message: [FromApp] }>();
  readonly #heartbeat = new Heartbeat(() => this.#ping());
  readonly #output: AppOutput | undefined;
  #open = 0;
  #lastRequest = performance.now();
  #warm = false;
  #loading = false;
  #loads = 0;
  #peakMb = 0;
  #end: SourceError | undefined;
  #ending = false;
  #alive = true;

  constructor(options: AppOptions) {
    this.#options = options;
    this.socketPath = join(mkdtempSync(join(tmpdir(), 'shmastra-')), 'app.sock');
    const entry = fileURLToPath(new URL(`./app/main${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
    this.#child = fork(entry, [this.socketPath, options.purpose ?? 'serve'], {
      cwd: options.projectDir,
      // What Mastra would otherwise ask its makers over the network, or tell them.
      env: { ...process.env, MASTRA_OFFLINE: '1', MASTRA_TELEMETRY_DISABLED: '1', MASTRA_DEV: '' },
      execArgv: [
        ...process.execArgv,
        `--max-old-space-size=${Math.round(options.memoryMb * HEAP_SHARE)}`,
        // Opens nothing yet: this is where the inspector would listen that `locate` asks for.
        '--inspect-port=127.0.0.1:0',
      ],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // A group of its own, so that what checked code has started can be ended with it.
      detached: options.purpose === 'check',
    });
    if (this.#child.stderr !== null) this.#output = new AppOutput(this.#child.stderr);
    this.#preferForOom();
    this.#child.on('message', (message) => this.#receive(message));
    this.#child.on('error', () => {
      // `exit` follows, or the send that failed is reported by who waits for its answer.
    });
    this.exited = once(this.#child, 'exit').then(([code, signal]) =>
      this.#ended(code as number | null, signal as NodeJS.Signals | null),
    );
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Requests that are being answered. */
  get open(): number {
    return this.#open;
  }

  /** When the last request began or ended, by `performance.now()`. */
  get lastRequest(): number {
    return this.#lastRequest;
  }

  /** Counts a request. Returns what to call when it is through. */
  begin(): () => void {
    this.#open++;
    this.#lastRequest = performance.now();
    return () => {
      this.#open--;
      this.#lastRequest = performance.now();
    };
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** For about how long the code has not let the process respond. */
  get silentMs(): number {
    return this.#heartbeat.silentMs;
  }

  /** What the process holds in memory now. */
  get residentMb(): number {
    const now = this.#alive ? residentMb(this.pid) : 0;
    this.#peakMb = Math.max(this.#peakMb, now);
    return now;
  }

  /** Resolves when the modules are loaded, or the process is gone. */
  async preload(file: string): Promise<void> {
    const answer = this.#answer((message) => (message.type === 'preloaded' ? true : undefined));
    this.#send({ type: 'preload', file });
    await answer;
  }

  configure(environment: Environment): void {
    this.#send({ type: 'configure', environment });
  }

  /** Loads a bundle; the version before goes on serving if that fails. */
  async load(file: string): Promise<LoadOutcome> {
    const id = ++this.#loads;
    const { loadSeconds = LOAD_SECONDS } = this.#options;
    const timer = setTimeout(
      () => this.kill({ message: `The code was not loaded after ${loadSeconds} s: something at its top level waits.` }),
      loadSeconds * 1000,
    );
    this.#loading = true;
    this.#heartbeat.eager(true);
    try {
      const answer = this.#answer((message) => outcomeOf(message, id));
      this.#send({ type: 'load', id, file });
      return (await answer) ?? { kind: 'died', error: await this.exited };
    } finally {
      clearTimeout(timer);
      this.#loading = false;
      if (this.#alive) this.#heartbeat.eager(false);
    }
  }

  /** Lets the version that was loaded last do what it does without requests. */
  start(recover: boolean): void {
    this.#send({ type: 'start', recover });
  }

  /** The line of the project's source that the process is at, busy as it may be. Costs it a pause of milliseconds. */
  async locate(): Promise<Omit<SourceError, 'message'>> {
    const started = performance.now();
    const timer = Promise.withResolvers<undefined>();
    const timeout = setTimeout(() => timer.resolve(undefined), LOCATE_MS);
    try {
      this.#child.kill('SIGUSR1');
      const url = await Promise.race([this.#output?.inspector(), timer.promise, this.exited.then(() => undefined)]);
      if (url === undefined) return {};
      const frames = (await whereIs(url, LOCATE_MS - (performance.now() - started))) ?? [];
      for (const frame of frames) {
        const place = sourcePosition(`${frame.url}:${frame.line}:${frame.column}`, this.#options.projectDir);
        if (place.file !== undefined) return place;
      }
      return {};
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Ends a process that is of no use any more, and finds out where it is first. */
  async endStuck(message: string): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.kill({ message, ...(await this.locate()) });
  }

  /** Asks the process to finish and waits until it is gone. */
  async stop(graceMs = GRACE_MS): Promise<void> {
    this.#end ??= { message: 'stopped' };
    this.#send({ type: 'stop', graceMs });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), KILL_AFTER_MS);
    await this.exited;
    clearTimeout(timer);
  }

  kill(reason: SourceError): void {
    this.#end ??= reason;
    this.#child.kill('SIGKILL');
  }

  #send(message: ToApp): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #receive(message: unknown): void {
    this.#heartbeat.answered();
    const parsed = parseFromApp(message);
    if (parsed?.type === 'warm') this.#warm = true;
    if (parsed?.type === 'crashed') this.#end ??= parsed.error;
    if (parsed !== undefined) this.#events.emit('message', parsed);
  }

  #ping(): void {
    const { hangSeconds, memoryMb } = this.#options;
    const limit = this.#warm ? hangSeconds : Math.max(hangSeconds, MIN_COLD_SECONDS);
    if (this.silentMs > limit * 1000) void this.endStuck(`The code kept the process busy for more than ${limit} s.`);
    // One that still responds is replaced by the runner, without a hurry. Code that is only being loaded is stopped
    // before V8 ends the process, which could not say where.
    const most = this.#loading ? memoryMb * LOADING_SHARE : memoryMb;
    if (this.silentMs > FIRST_SILENCE_MS && this.residentMb > most) void this.endStuck(outOfMemory(memoryMb));
    this.#send({ type: 'ping' });
  }

  #answer<T>(match: (message: FromApp) => T | undefined): Promise<T | undefined> {
    return new Promise((resolve) => {
      const listen = (message: FromApp) => {
        const found = match(message);
        if (found !== undefined) finish(found);
      };
      const finish = (value: T | undefined) => {
        this.#events.off('message', listen);
        resolve(value);
      };
      this.#events.on('message', listen);
      void this.exited.then(() => finish(undefined));
    });
  }

  #preferForOom(): void {
    try {
      writeFileSync(`/proc/${this.pid}/oom_score_adj`, OOM_SCORE);
    } catch {
      // A kernel without it, or a process that is gone already.
    }
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): SourceError {
    this.#alive = false;
    this.#heartbeat.stop();
    this.agent.destroy();
    try {
      // The server removes it when it closes by itself. Not `rmSync`, which makes Node 22 resolve links wrongly after it
      // has removed a socket.
      if (existsSync(this.socketPath)) unlinkSync(this.socketPath);
      rmdirSync(dirname(this.socketPath));
    } catch {
      // Only a temporary folder is left.
    }
    if (this.#options.purpose === 'check') this.#endGroup();
    return this.#end ?? this.#describeEnd(code, signal);
  }

  #describeEnd(code: number | null, signal: NodeJS.Signals | null): SourceError {
    const { memoryMb } = this.#options;
    if (signal === null) return { message: `The process ended with exit code ${code}.` };
    if (ABORTS.has(signal) && this.#peakMb > memoryMb / 2) return { message: outOfMemory(memoryMb) };
    return { message: `The process was ended by ${signal}.` };
  }

  #endGroup(): void {
    try {
      if (this.pid !== undefined) process.kill(-this.pid, 'SIGKILL');
    } catch {
      // Nothing is left of it.
    }
  }
}

const outOfMemory = (memoryMb: number) => `The code needed more memory than the ${memoryMb} MB that the app may use.`;

function outcomeOf(message: FromApp, id: number): LoadOutcome | undefined {
  if (!('id' in message) || message.id !== id) return undefined;
  if (message.type === 'loaded') return { kind: 'loaded' };
  if (message.type === 'load-failed') return { kind: 'failed', error: message.error };
  return { kind: 'restart-needed', reason: message.reason };
}
