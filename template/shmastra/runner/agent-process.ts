import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync, unlinkSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseFromAgent, type FromAgent, type ToAgent } from '../agent/messages.ts';
import type { Environment } from './environment.ts';
import type { ProjectControl } from './project-control.ts';

const PING_MS = 2000;
/** The agent's process only waits for others: if it is busy for so long, it hangs. */
const HANG_MS = 60_000;
const KILL_AFTER_MS = 10_000;
const MAX_HOLD_SECONDS = 600;

type Configuration = { environment: Environment; port: number };

/** The running process of the coding agent: how to talk to it, and what it asks of the runner. */
export class AgentProcess {
  readonly socketPath: string;
  readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  /** Resolves with the reason when the process is gone. */
  readonly exited: Promise<string>;
  /** Resolves with whether it takes requests. */
  readonly listening: Promise<boolean>;
  readonly #child: ChildProcess;
  readonly #control: ProjectControl;
  #alive = true;
  #busy = false;
  #missed = 0;
  #endReason: string | undefined;

  constructor(projectDir: string, control: ProjectControl) {
    this.#control = control;
    this.socketPath = join(mkdtempSync(join(tmpdir(), 'shmastra-')), 'agent.sock');
    const entry = fileURLToPath(new URL(`../agent/main${extname(fileURLToPath(import.meta.url))}`, import.meta.url));
    // The keys come as a message: what a process is started with can be read by all that run as the same user.
    this.#child = fork(entry, [this.socketPath], {
      cwd: projectDir,
      env: { ...process.env, SHMASTRA_PROJECT_DIR: projectDir, MASTRA_OFFLINE: '1', MASTRA_TELEMETRY_DISABLED: '1' },
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=2', '--max-old-space-size=512'],
    });
    this.exited = once(this.#child, 'exit').then(([code, signal]) =>
      this.#ended(code as number | null, signal as string | null),
    );
    this.listening = new Promise((resolve) => {
      this.#child.on('message', (message) => {
        const parsed = parseFromAgent(message);
        if (parsed?.type === 'listening') resolve(true);
        if (parsed !== undefined) this.#receive(parsed);
      });
      void this.exited.then(() => resolve(false));
    });
    this.#child.on('error', () => {
      // `exit` follows, or the send that failed is of no use any more.
    });
    const ping = setInterval(() => this.#ping(), PING_MS);
    void this.exited.finally(() => clearInterval(ping));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Whether a turn is on. */
  get busy(): boolean {
    return this.#busy;
  }

  configure({ environment, port }: Configuration): void {
    this.#send({ type: 'configure', environment, port });
  }

  /** Asks the process to finish, which ends a turn with a commit, and waits until it is gone. */
  async stop(reason = 'stopped'): Promise<void> {
    this.#endReason ??= reason;
    this.#send({ type: 'stop' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), KILL_AFTER_MS);
    await this.exited;
    clearTimeout(timer);
  }

  #receive(message: FromAgent): void {
    this.#missed = 0;
    if (message.type === 'busy') this.#busy = message.busy;
    if (message.type === 'call') void this.#call(message);
  }

  async #call({ id, method, arguments: values }: Extract<FromAgent, { type: 'call' }>): Promise<void> {
    try {
      const value = await this.#run(id, method, values);
      this.#send({ type: 'returned', id, ...(value === undefined ? {} : { value }) });
    } catch (error) {
      this.#send({ type: 'refused', id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  async #run(id: number, method: string, [seconds]: unknown[]): Promise<unknown> {
    if (method === 'hold' && typeof seconds === 'number')
      return this.#control.hold(Math.min(seconds, MAX_HOLD_SECONDS));
    if (method === 'release') return this.#control.release();
    if (method === 'prepare') return this.#control.prepare();
    if (method === 'goLive') return this.#control.goLive();
    if (method === 'check') return this.#control.check((value) => this.#send({ type: 'progress', id, value }));
    throw new Error(`there is no method ${method}`);
  }

  #send(message: ToAgent): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  // Counts rather than looks at the clock: after a pause of the whole sandbox one ping is late, not twenty.
  #ping(): void {
    if (++this.#missed * PING_MS > HANG_MS) {
      this.#endReason ??= 'it did not respond';
      this.#child.kill('SIGKILL');
    }
    this.#send({ type: 'ping' });
  }

  #ended(code: number | null, signal: string | null): string {
    this.#alive = false;
    this.#busy = false;
    this.agent.destroy();
    // What the process held is given back, so that saved files go live again.
    this.#control.release();
    for (const remove of [() => unlinkSync(this.socketPath), () => rmdirSync(dirname(this.socketPath))]) {
      try {
        remove();
      } catch {
        // The server removes its socket when it closes by itself.
      }
    }
    return this.#endReason ?? (signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`);
  }
}
