import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { EventStream } from '../http/event-stream.ts';
import { EnvdError } from '../http/errors.ts';
import type { ProcessConfig, ProcessEnd, ProcessEvent } from './messages.ts';
import { encodeFrame } from '../http/frames.ts';
import { describeEnd } from './exit-status.ts';

/** A command that envd started, with the streams that listen to it. */
export class RunningProcess {
  readonly config: ProcessConfig;
  readonly tag: string | undefined;
  readonly pid: number;
  /** Settles when the command has exited and its output is closed. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<EventStream>();
  #exited = false;
  #end: ProcessEnd | undefined;

  /** @param child A started child: its pid is known. */
  constructor(child: ChildProcess, pid: number, config: ProcessConfig, tag: string | undefined) {
    this.config = config;
    this.tag = tag;
    this.pid = pid;
    this.#child = child;
    this.#forward(child.stdout, 'stdout');
    this.#forward(child.stderr, 'stderr');
    // A command that closes its input early is no error of ours.
    child.stdin?.on('error', () => {});
    child.once('exit', () => (this.#exited = true));
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#end = describeEnd(code, signal);
        for (const listener of this.#listeners) this.#finish(listener, this.#end);
        resolve(this.#end);
      });
    });
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Sends the start event and, from now on, the output to `stream`; ends it after the end event. */
  attach(stream: EventStream): void {
    stream.send({ event: { start: { pid: this.pid } } satisfies ProcessEvent });
    if (this.#end) return this.#finish(stream, this.#end);
    this.#listeners.add(stream);
    stream.onDrain(() => this.#adjustFlow());
    stream.onClose(() => this.detach(stream));
  }

  detach(stream: EventStream): void {
    if (this.#listeners.delete(stream)) this.#adjustFlow();
  }

  /** Signals the command and what it started in its session. Nothing happens when it has exited. */
  signal(signal: 'SIGKILL' | 'SIGTERM'): void {
    if (this.#exited) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      this.#child.kill(signal);
    }
  }

  /** Resolves when the command's input took the bytes. */
  async write(data: Buffer): Promise<void> {
    const { stdin } = this.#child;
    if (!stdin || stdin.destroyed || stdin.writableEnded) {
      throw new EnvdError('failed_precondition', `the standard input of process ${this.pid} is not open`);
    }
    await new Promise<void>((resolve, reject) => {
      stdin.write(data, (error) => {
        if (error) reject(new EnvdError('failed_precondition', `process ${this.pid} closed its standard input`));
        else resolve();
      });
    });
  }

  closeStdin(): void {
    this.#child.stdin?.end();
  }

  #forward(output: Readable | null, name: 'stdout' | 'stderr'): void {
    output?.on('data', (chunk: Buffer) => {
      if (this.#listeners.size === 0) return;
      const data = chunk.toString('base64');
      const event: ProcessEvent = { data: name === 'stdout' ? { stdout: data } : { stderr: data } };
      const frame = encodeFrame({ event });
      for (const listener of this.#listeners) listener.sendFrame(frame);
      this.#adjustFlow();
    });
    output?.on('error', () => {});
  }

  /** The slowest listener sets the pace, so that nobody's output is gathered here. Without listeners it is dropped. */
  #adjustFlow(): void {
    const isHeldUp = [...this.#listeners].some((listener) => listener.isOpen && listener.isFull);
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      if (isHeldUp) output?.pause();
      else output?.resume();
    }
  }

  #finish(stream: EventStream, end: ProcessEnd): void {
    stream.send({ event: { end } satisfies ProcessEvent });
    stream.end();
  }
}
