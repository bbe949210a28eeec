import { closeSync, read as readWithCallback } from 'node:fs';
import { promisify } from 'node:util';
import { libc } from '../native/libc.ts';

const read = promisify(readWithCallback);

/** Bits of inotify(7). */
export const IN = {
  MODIFY: 0x2,
  ATTRIB: 0x4,
  MOVED_FROM: 0x40,
  MOVED_TO: 0x80,
  CREATE: 0x100,
  DELETE: 0x200,
  DELETE_SELF: 0x400,
  MOVE_SELF: 0x800,
  Q_OVERFLOW: 0x4000,
  IGNORED: 0x8000,
  ONLYDIR: 0x100_0000,
  ISDIR: 0x4000_0000,
} as const;

/** What E2B's envd watches folders for. */
const WANTED =
  IN.MODIFY | IN.ATTRIB | IN.MOVED_FROM | IN.MOVED_TO | IN.CREATE | IN.DELETE | IN.DELETE_SELF | IN.MOVE_SELF;
const IN_CLOEXEC = 0x8_0000;
const HEADER_BYTES = 16;
const BUFFER_BYTES = 65_536;
/** With the longest name (NAME_MAX) and its padding. */
const MAX_EVENT_BYTES = HEADER_BYTES + 256;
/**
 * Most folders that envd watches at a time: a quarter of what a sandbox may watch (see runtime/user-limits.ts), the rest
 * is for what runs in it.
 */
const MAX_WATCHES = 16_384;

/** An event of a watched folder; `name` is empty when it is about the folder itself. */
export type RawEvent = { mask: number; cookie: number; name: string };

/** Who listens to a folder. */
export type Listener = {
  onEvent: (descriptor: number, event: RawEvent) => void;
  /**
   * Everything of one go has been handed over.
   * @param isDrained No events were left in the kernel's queue.
   */
  onIdle: (isDrained: boolean) => void;
  onError: (message: string) => void;
};

/**
 * The one inotify instance of envd, open while something is watched. Waiting for events takes one of libuv's threads,
 * whatever the number of watchers.
 */
class Inotify {
  readonly #fd: number;
  readonly #listeners = new Map<number, Set<Listener>>();

  constructor() {
    const { check, inotifyInit } = libc();
    this.#fd = check(inotifyInit(IN_CLOEXEC), 'inotify_init1');
    process.once('exit', this.#wake);
  }

  /** The end of its watches ends the wait for events: the process could not exit before. */
  readonly #wake = (): void => {
    for (const descriptor of this.#listeners.keys()) libc().inotifyRemoveWatch(this.#fd, descriptor);
  };

  /** @returns the watch descriptor, which is one and the same for all listeners of a folder. */
  add(folder: number, listener: Listener): number {
    if (this.#listeners.size >= MAX_WATCHES) {
      throw Object.assign(new Error('too many watched folders'), { code: 'ENOSPC' });
    }
    const { check, inotifyAddWatch } = libc();
    const path = `/proc/self/fd/${folder}`;
    const descriptor = check(inotifyAddWatch(this.#fd, path, WANTED | IN.ONLYDIR), 'inotify_add_watch');
    const listeners = this.#listeners.get(descriptor);
    if (listeners) listeners.add(listener);
    else this.#listeners.set(descriptor, new Set([listener]));
    return descriptor;
  }

  remove(descriptor: number, listener: Listener): void {
    const listeners = this.#listeners.get(descriptor);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.#listeners.delete(descriptor);
    // It fails when the folder is gone: the kernel has removed the watch then.
    libc().inotifyRemoveWatch(this.#fd, descriptor);
  }

  /** Hands events on until nothing is watched: the end of every watch is an event, too. */
  async run(): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    try {
      while (this.#listeners.size > 0) {
        const { bytesRead } = await read(this.#fd, buffer, 0, BUFFER_BYTES, null);
        this.#dispatch(buffer.subarray(0, bytesRead));
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : 'reading failed');
    } finally {
      this.close();
    }
  }

  close(): void {
    if (shared === this) shared = undefined;
    process.off('exit', this.#wake);
    closeSync(this.#fd);
  }

  #dispatch(buffer: Buffer): void {
    const reached = new Set<Listener>();
    for (const { descriptor, event } of parseEvents(buffer)) {
      if (event.mask & IN.Q_OVERFLOW) this.#fail('fsnotify: queue or buffer overflow');
      const listeners = this.#listeners.get(descriptor);
      if (event.mask & IN.IGNORED) this.#listeners.delete(descriptor);
      for (const listener of listeners ?? []) {
        reached.add(listener);
        listener.onEvent(descriptor, event);
      }
    }
    const isDrained = buffer.length < BUFFER_BYTES - MAX_EVENT_BYTES;
    for (const listener of reached) listener.onIdle(isDrained);
  }

  #fail(message: string): void {
    const all = new Set([...this.#listeners.values()].flatMap((listeners) => [...listeners]));
    for (const listener of all) listener.onError(message);
  }
}

/** The events in what was read from an inotify descriptor. */
export function* parseEvents(buffer: Buffer): Generator<{ descriptor: number; event: RawEvent }> {
  for (let offset = 0; offset + HEADER_BYTES <= buffer.length;) {
    const start = offset + HEADER_BYTES;
    const end = start + buffer.readUInt32LE(offset + 12);
    const zero = buffer.indexOf(0, start);
    const name = buffer.toString('utf8', start, zero < 0 ? end : Math.min(zero, end));
    const event = { mask: buffer.readUInt32LE(offset + 4), cookie: buffer.readUInt32LE(offset + 8), name };
    yield { descriptor: buffer.readInt32LE(offset), event };
    offset = end;
  }
}

let shared: Inotify | undefined;

/**
 * Watches an opened folder.
 * @returns the watch descriptor for {@link removeWatch}
 * @throws Error ENOSPC when too many folders are watched, EnvdError unavailable
 */
export function addWatch(folder: number, listener: Listener): number {
  if (shared) return shared.add(folder, listener);
  const inotify = new Inotify();
  try {
    const descriptor = inotify.add(folder, listener);
    shared = inotify;
    void inotify.run();
    return descriptor;
  } catch (error) {
    inotify.close();
    throw error;
  }
}

export function removeWatch(descriptor: number, listener: Listener): void {
  shared?.remove(descriptor, listener);
}
