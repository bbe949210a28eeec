import { fork, type ChildProcess } from 'node:child_process';
import { Agent } from 'node:http';
import { mkdtempSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventEmitter, once } from 'node:events';
import type { Environment } from './environment.ts';
import type { SourceError } from './health.ts';
import { parseFromApp, type FromApp, type ToApp } from './messages.ts';

export type LoadOutcome =
  | { kind: 'loaded' }
  | { kind: 'failed'; error: SourceError }
  | { kind: 'restart-needed'; reason: string }
  /** The process ended, or stopped to respond and was ended, while it loaded the code. */
  | { kind: 'died'; reason: string };

const PING_MS = 500;
/** Loading Mastra itself keeps a process busy for a second, on a crowded machine for many. */
const MIN_COLD_SECONDS = 60;
/** Code may wait for something while it is loaded, such as a server that it connects to. */
const LOAD_MS = 60_000;
const KILL_AFTER_MS = 8000;

/** The running app process: how to talk to it, and whether it lives. */
export class AppProcess {
  readonly socketPath: string;
  readonly agent: Agent;
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #events = new EventEmitter<{ message: [FromApp] }>();
  readonly #hangSeconds: number;
  #warm = false;
  #missed = 0;
  #loads = 0;
  #endReason: string | undefined;
  #alive = true;

  constructor(projectDir: string, environment: NodeJS.ProcessEnv, hangSeconds: number) {
    this.#hangSeconds = hangSeconds;
    this.socketPath = join(mkdtempSync(join(tmpdir(), 'shmastra-')), 'app.sock');
    this.agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
    const entry = fileURLToPath(new URL(`./app/main${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
    this.#child = fork(entry, [this.socketPath], { cwd: projectDir, env: environment });
    this.#child.on('message', (message) => this.#receive(message));
    this.#child.on('error', () => {
      // `exit` follows, or the send that failed is reported by who waits for its answer.
    });
    this.exited = once(this.#child, 'exit').then(([code, signal]) =>
      this.#ended(code as number | null, signal as string | null),
    );
    const ping = setInterval(() => this.#ping(), PING_MS);
    void this.exited.finally(() => clearInterval(ping));
  }

  get alive(): boolean {
    return this.#alive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
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
    const timer = setTimeout(() => this.kill('loading the code took longer than a minute'), LOAD_MS);
    try {
      const answer = this.#answer((message) => outcomeOf(message, id));
      this.#send({ type: 'load', id, file });
      return (await answer) ?? { kind: 'died', reason: await this.exited };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets the version that was loaded last do what it does without requests. */
  start(recover: boolean): void {
    this.#send({ type: 'start', recover });
  }

  /** Asks the process to finish and waits until it is gone. */
  async stop(): Promise<void> {
    this.#endReason ??= 'stopped';
    this.#send({ type: 'stop' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), KILL_AFTER_MS);
    await this.exited;
    clearTimeout(timer);
  }

  kill(reason: string): void {
    this.#endReason ??= reason;
    this.#child.kill('SIGKILL');
  }

  #send(message: ToApp): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #receive(message: unknown): void {
    this.#missed = 0;
    const parsed = parseFromApp(message);
    if (parsed?.type === 'warm') this.#warm = true;
    if (parsed !== undefined) this.#events.emit('message', parsed);
  }

  // Counts rather than looks at the clock: after a pause of the whole sandbox one ping is late, not twenty.
  #ping(): void {
    const limit = this.#warm ? this.#hangSeconds : Math.max(this.#hangSeconds, MIN_COLD_SECONDS);
    if (++this.#missed * PING_MS > limit * 1000) {
      this.kill(`the code kept the process busy for more than ${limit} s`);
    }
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

  #ended(code: number | null, signal: string | null): string {
    this.#alive = false;
    this.agent.destroy();
    try {
      unlinkSync(this.socketPath);
    } catch {
      // The server removes it when it closes by itself.
    }
    try {
      rmdirSync(dirname(this.socketPath));
    } catch {
      // Only a temporary folder is left.
    }
    return (
      this.#endReason ??
      (signal === null ? `the process ended with exit code ${code}` : `the process ended by ${signal}`)
    );
  }
}

function outcomeOf(message: FromApp, id: number): LoadOutcome | undefined {
  if (!('id' in message) || message.id !== id) return undefined;
  if (message.type === 'loaded') return { kind: 'loaded' };
  if (message.type === 'load-failed') return { kind: 'failed', error: message.error };
  return { kind: 'restart-needed', reason: message.reason };
}
