import { constants } from 'node:os';
import type { Koffi } from './koffi.ts';

/** wait.h */
const WNOHANG = 1;

/** How a program ended: one of the two is null. */
export type ProgramEnd = { code: number | null; signal: NodeJS.Signals | null };

/** Of two names for a signal the first is the usual one. */
const signalNames = new Map(
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name]),
);

/** Takes note of the ends of programs that `PosixSpawn` started; libuv does so for its own alone. */
export class Children {
  readonly #waitpid: (...values: unknown[]) => number;
  readonly #running = new Map<number, (end: ProgramEnd) => void>();
  readonly #lookEveryMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #listens = false;

  /**
   * @param lookEveryMs also looks this often, and keeps the process alive meanwhile: where no signal tells of an end
   *   (in a worker thread) or where nothing else may be waited for
   */
  constructor(ffi: Koffi, lookEveryMs?: number) {
    this.#waitpid = ffi.load(null).func('int waitpid(int pid, void *status, int options)');
    this.#lookEveryMs = lookEveryMs;
  }

  /** Settles when the child has ended; its pid may be another's from then on. */
  end(pid: number): Promise<ProgramEnd> {
    if (!this.#listens) process.on('SIGCHLD', () => this.#look());
    this.#listens = true;
    if (this.#lookEveryMs !== undefined) this.#timer ??= setInterval(() => this.#look(), this.#lookEveryMs);
    return new Promise((resolve) => {
      this.#running.set(pid, resolve);
      // It may have ended before anybody listened.
      this.#look();
    });
  }

  #look(): void {
    for (const [pid, resolve] of this.#running) {
      const status = Buffer.alloc(4);
      const found = this.#waitpid(pid, status, WNOHANG);
      if (found === 0) continue;
      this.#running.delete(pid);
      resolve(found === pid ? endOf(status.readInt32LE(0)) : { code: null, signal: null });
    }
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** @param status as waitpid(2) gives it; see WIFEXITED and WTERMSIG */
function endOf(status: number): ProgramEnd {
  const signal = status & 0x7f;
  if (signal === 0) return { code: (status >> 8) & 0xff, signal: null };
  // A real-time signal has no name of its own.
  return { code: null, signal: (signalNames.get(signal) ?? `signal ${signal}`) as NodeJS.Signals };
}
