import { constants } from 'node:os';
import type { Koffi } from './koffi.ts';

/** wait.h */
const WNOHANG = 1;
/** Any child, as waitpid(2) has it. */
const ANY = -1;

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
  readonly #takesAll: boolean;
  #timer: NodeJS.Timeout | undefined;
  #listens = false;

  /**
   * @param options.lookEveryMs also looks this often, and keeps the process alive meanwhile: where no signal tells of an
   *   end (in a worker thread) or where nothing else may be waited for
   * @param options.takesAll also takes the ends of those it does not know, as PID 1 has to, to whom orphans come; Node's
   *   own child processes would never be told of theirs
   */
  constructor(ffi: Koffi, { lookEveryMs, takesAll = false }: { lookEveryMs?: number; takesAll?: boolean } = {}) {
    this.#waitpid = ffi.load(null).func('int waitpid(int pid, void *status, int options)');
    this.#lookEveryMs = lookEveryMs;
    this.#takesAll = takesAll;
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
    if (this.#takesAll) this.#takeAll();
    else for (const pid of this.#running.keys()) this.#take(pid);
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #takeAll(): void {
    const status = Buffer.alloc(4);
    for (;;) {
      const pid = this.#waitpid(ANY, status, WNOHANG);
      if (pid <= 0) return;
      this.#ended(pid, endOf(status.readInt32LE(0)));
    }
  }

  #take(pid: number): void {
    const status = Buffer.alloc(4);
    const found = this.#waitpid(pid, status, WNOHANG);
    if (found !== 0) this.#ended(pid, found === pid ? endOf(status.readInt32LE(0)) : { code: null, signal: null });
  }

  #ended(pid: number, end: ProgramEnd): void {
    this.#running.get(pid)?.(end);
    this.#running.delete(pid);
  }
}

/** @param status as waitpid(2) gives it; see WIFEXITED and WTERMSIG */
function endOf(status: number): ProgramEnd {
  const signal = status & 0x7f;
  if (signal === 0) return { code: (status >> 8) & 0xff, signal: null };
  // A real-time signal has no name of its own.
  return { code: null, signal: (signalNames.get(signal) ?? `signal ${signal}`) as NodeJS.Signals };
}
