import type { Readable } from 'node:stream';
import type { EventStream } from '../http/event-stream.ts';
import { frameOf } from '../http/frames.ts';
import { countPassed } from '../memory.ts';
import type { OutputName, ProcessEvent } from './messages.ts';

/** Hands what a command writes to who listens to it. */
export class ProcessOutput {
  /** Settles when all of the sources are closed. */
  readonly closed: Promise<unknown>;
  readonly #sources: Readable[] = [];
  readonly #listeners: Set<EventStream>;

  /** @param listeners Who gets the output: the owner adds and removes them. */
  constructor(sources: Partial<Record<OutputName, Readable | null>>, listeners: Set<EventStream>) {
    this.#listeners = listeners;
    const closed: Promise<void>[] = [];
    for (const name of ['stdout', 'stderr', 'pty'] as const) {
      const source = sources[name];
      if (!source) continue;
      this.#sources.push(source);
      closed.push(new Promise((resolve) => source.once('close', resolve)));
      source.on('data', (chunk: Buffer) => this.#send(name, chunk));
      source.on('error', () => {});
    }
    this.closed = Promise.all(closed);
  }

  /** The slowest listener sets the pace, so that nobody's output is gathered here. Without listeners it is dropped. */
  adjustFlow(): void {
    const isHeldUp = [...this.#listeners].some((listener) => listener.isOpen && listener.isFull);
    for (const source of this.#sources) {
      if (isHeldUp) source.pause();
      else source.resume();
    }
  }

  destroy(): void {
    for (const source of this.#sources) source.destroy();
  }

  #send(name: OutputName, chunk: Buffer): void {
    countPassed(chunk.length);
    if (this.#listeners.size === 0) return;
    const event: ProcessEvent = { data: { [name]: chunk.toString('base64') } };
    // Encoded once for all that read the same.
    const frames = new Map<string, Buffer>();
    for (const listener of this.#listeners) {
      const { codec } = listener;
      const frame = frames.get(codec.streamType) ?? frameOf(codec.encode({ event }));
      frames.set(codec.streamType, frame);
      listener.sendFrame(frame);
    }
    this.adjustFlow();
  }
}
