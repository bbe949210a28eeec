import type { EventStream } from '../http/event-stream.ts';
import { EnvdError, errnoCode } from '../http/errors.ts';
import type { Child } from './child.ts';
import { describeEnd } from './exit-status.ts';
import type { ProcessConfig, ProcessEnd, ProcessEvent, ProcessInput } from './messages.ts';
import { ProcessOutput } from './process-output.ts';
import type { Terminal } from './terminal.ts';
import { writeInput } from './write-input.ts';

/** How long output of a command that was told to end is waited for after its end, in ms. */
const LAST_OUTPUT_MS = 200;

/** A command that envd started, with the streams that listen to it. */
export class RunningProcess {
  readonly config: ProcessConfig;
  readonly tag: string | undefined;
  readonly pid: number;
  /** Settles when the command has exited and its output is closed. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: Child;
  readonly #terminal: Terminal | undefined;
  readonly #output: ProcessOutput;
  readonly #listeners = new Set<EventStream>();
  /** Inputs are written one after another. */
  #input: Promise<unknown> = Promise.resolve();
  #exited = false;
  #signalled: (() => void) | undefined;
  #end: ProcessEnd | undefined;

  /**
   * @param terminal The terminal that the child has; closed with it.
   */
  constructor(child: Child, config: ProcessConfig, tag: string | undefined, terminal?: Terminal) {
    this.config = config;
    this.tag = tag;
    this.pid = child.pid;
    this.#child = child;
    this.#terminal = terminal;
    const sources = terminal ? { pty: terminal.output } : { stdout: child.stdout, stderr: child.stderr };
    this.#output = new ProcessOutput(sources, this.#listeners);
    // A command that closes its input early is no error of ours.
    child.stdin?.on('error', () => {});
    this.ended = this.#waitForEnd();
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Sends the start event and, from now on, the output to `stream`; ends it after the end event. */
  attach(stream: EventStream): void {
    stream.send({ event: { start: { pid: this.pid } } satisfies ProcessEvent });
    if (this.#end) return finish(stream, this.#end);
    this.#listeners.add(stream);
    stream.onDrain(() => this.#output.adjustFlow());
    stream.onClose(() => this.detach(stream));
  }

  detach(stream: EventStream): void {
    if (this.#listeners.delete(stream)) this.#output.adjustFlow();
  }

  /**
   * Signals the command and what it started in its session. What outlives it with its output open is not waited for
   * from now on. Nothing happens when it has exited.
   */
  signal(signal: 'SIGKILL' | 'SIGTERM'): void {
    this.#signalled?.();
    if (this.#exited) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // Its session is gone, or not there yet.
      process.kill(this.pid, signal);
    }
  }

  /**
   * Resolves when the command's input took the bytes.
   * @param abort Ends the wait for a command that does not read.
   * @throws EnvdError
   */
  async write({ stdin, pty }: ProcessInput, abort: AbortSignal): Promise<void> {
    if (stdin === undefined && pty === undefined)
      throw new EnvdError('unimplemented', 'the input has neither stdin nor pty');
    const done = this.#input.then(() =>
      pty === undefined ? this.#writeStdin(stdin, abort) : this.#writeTerminal(pty, abort),
    );
    this.#input = done.catch(() => {});
    return done;
  }

  /** @throws EnvdError unknown for a command with a terminal, as E2B. */
  closeStdin(): void {
    if (this.#terminal) {
      throw new EnvdError('unknown', 'the input of a terminal cannot be closed: send Ctrl+D (0x04) instead');
    }
    this.#child.stdin?.end();
  }

  /** @throws EnvdError internal for a command without a terminal, as E2B. */
  resize(size: { cols: number; rows: number }): void {
    if (!this.#terminal) throw new EnvdError('internal', 'error resizing tty: tty not assigned to process');
    try {
      this.#terminal.resize(size);
    } catch (error) {
      throw new EnvdError('internal', `error resizing tty: ${errnoCode(error) ?? 'failed'}`);
    }
  }

  async #writeStdin(data = '', abort: AbortSignal): Promise<void> {
    if (this.#terminal)
      throw new EnvdError('internal', `process ${this.pid} has a terminal: write to pty, not to stdin`);
    await writeInput(this.#child.stdin, Buffer.from(data, 'base64'), this.pid, abort);
  }

  async #writeTerminal(data: string, abort: AbortSignal): Promise<void> {
    if (!this.#terminal)
      throw new EnvdError('internal', `process ${this.pid} has no terminal: write to stdin, not to pty`);
    try {
      await this.#terminal.write(Buffer.from(data, 'base64'), abort);
    } catch (error) {
      throw new EnvdError(
        'internal',
        `error writing to the terminal of process ${this.pid}: ${errnoCode(error) ?? 'aborted'}`,
      );
    }
  }

  async #waitForEnd(): Promise<ProcessEnd> {
    const child = this.#child;
    const signalled = new Promise<void>((resolve) => (this.#signalled = resolve));
    const { code, signal } = await child.exited;
    this.#exited = true;
    const grace = signalled.then(() => new Promise<void>((resolve) => setTimeout(resolve, LAST_OUTPUT_MS)));
    await Promise.race([this.#output.closed, grace]);
    this.#output.destroy();
    child.stdin?.destroy();
    this.#end = describeEnd(code, signal);
    for (const listener of this.#listeners) finish(listener, this.#end);
    this.#listeners.clear();
    return this.#end;
  }
}

function finish(stream: EventStream, end: ProcessEnd): void {
  stream.send({ event: { end } satisfies ProcessEvent });
  stream.end();
}
