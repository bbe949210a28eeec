import { chownSync, closeSync, constants, openSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { errnoCode } from '../http/errors.ts';
import { libc } from '../native/libc.ts';
import type { User } from '../users.ts';

/** ioctl(2) numbers of asm-generic, which x86-64 and arm64 share. */
const TIOCSPTLCK = 0x4004_5431;
const TIOCGPTN = 0x8004_5430;
const TIOCSWINSZ = 0x5414;
/** Group that the terminals of /dev/pts belong to (see its mount options). */
const TTY_GROUP = 5;
/** How long to wait before a terminal whose program reads nothing is tried again, in ms. */
const RETRY_MS = 10;

/** Columns and rows, 16 bits each. */
export type TerminalSize = { cols: number; rows: number };

/** A pseudo-terminal: the side of who sits in front of it. */
export class Terminal {
  /** The device that the program opens as its terminal. */
  readonly device: string;
  /** What the program writes; closes when no program has the terminal open any more. */
  readonly output: ReadStream;
  readonly #fd: number;

  /**
   * Opens a new terminal of the given size that belongs to `user`.
   * @throws Error of the system call that failed, EnvdError unavailable
   */
  constructor(size: TerminalSize, user: User) {
    const { ioctl, check } = libc();
    const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
    this.#fd = openSync('/dev/ptmx', flags);
    try {
      const number = Buffer.alloc(4);
      check(ioctl(this.#fd, TIOCSPTLCK, number), 'ioctl');
      check(ioctl(this.#fd, TIOCGPTN, number), 'ioctl');
      this.device = `/dev/pts/${number.readUInt32LE()}`;
      // As sshd does it: programs open their terminal again by its name.
      if (process.getuid?.() === 0) chownSync(this.device, user.uid, TTY_GROUP);
      this.output = new ReadStream(this.#fd);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
    // EIO is how the end of a terminal reads.
    this.output.on('error', () => {});
    this.resize(size);
  }

  /** The programs in front get SIGWINCH. */
  resize({ cols, rows }: TerminalSize): void {
    this.#requireOpen();
    const size = Buffer.alloc(8);
    size.writeUInt16LE(rows & 0xffff, 0);
    size.writeUInt16LE(cols & 0xffff, 2);
    const { ioctl, check } = libc();
    check(ioctl(this.#fd, TIOCSWINSZ, size), 'ioctl');
  }

  /**
   * Resolves when the terminal took all bytes; waits for a program that does not read.
   * @throws Error EIO when the terminal is closed; the signal's reason when it aborts.
   */
  async write(data: Buffer, signal: AbortSignal): Promise<void> {
    for (let offset = 0; offset < data.length;) {
      signal.throwIfAborted();
      this.#requireOpen();
      try {
        // It never blocks (O_NONBLOCK), and the descriptor cannot have become another file's by then.
        offset += writeSync(this.#fd, data, offset, data.length - offset);
      } catch (error) {
        if (errnoCode(error) !== 'EAGAIN') throw error;
        await setTimeout(RETRY_MS, undefined, { signal });
      }
    }
  }

  close(): void {
    this.output.destroy();
  }

  #requireOpen(): void {
    if (this.output.destroyed) throw Object.assign(new Error('the terminal is closed'), { code: 'EIO' });
  }
}
