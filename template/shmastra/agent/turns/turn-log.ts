import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import { parseChunk, type Chunk } from './chunks.ts';

/** A chunk and its place in the turn; the first is 1. */
export type LogEntry = { sequence: number; chunk: Chunk };

/** Larger than a turn within its limits ever gets. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

const line = z.union([z.object({ chunk: z.unknown() }), z.object({ ended: z.literal(true) })]);

/**
 * What a turn has streamed so far: in memory for those who follow, and in a file for those who come when this process is
 * another one. The file has a line for the turn's record, one for each chunk, and one that says that it has ended.
 */
export class TurnLog {
  readonly #entries: LogEntry[] = [];
  readonly #file: WriteStream | undefined;
  readonly #waiting = new Set<() => void>();
  #characters = 0;
  #ended = false;

  /** A log that goes on in `file`, or that only lives in memory. */
  constructor(file?: string, entries: LogEntry[] = []) {
    this.#entries.push(...entries);
    if (file === undefined) return;
    this.#file = createWriteStream(file, { flags: 'a', mode: 0o600 });
    // A full disk costs the replay after a restart, and no more than that.
    this.#file.on('error', () => {});
    // The last line may have been cut off.
    if (entries.length > 0) this.#file.write('\n');
  }

  static start(file: string, record: unknown): TurnLog {
    const log = new TurnLog(file);
    log.#write(record);
    return log;
  }

  /** One to which nothing is added any more. */
  static ended(entries: LogEntry[]): TurnLog {
    const log = new TurnLog(undefined, entries);
    log.#ended = true;
    return log;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it holds as much as it may: the turn has to end. */
  get full(): boolean {
    return this.#characters > MAX_CHARACTERS;
  }

  get chunks(): Chunk[] {
    return this.#entries.map(({ chunk }) => chunk);
  }

  append(chunk: Chunk): void {
    if (this.#ended) return;
    this.#characters += JSON.stringify(chunk).length;
    this.#entries.push({ sequence: this.#entries.length + 1, chunk });
    this.#write({ chunk });
    this.#wake();
  }

  /** Nothing follows. Resolves when the file is written. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#write({ ended: true });
    this.#wake();
    if (this.#file === undefined || this.#file.destroyed) return;
    this.#file.end();
    await once(this.#file, 'close').catch(() => {});
  }

  /** Everything after the entry with this number, then what comes, until the turn or the reader ends. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<LogEntry> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      for (let index = Math.max(0, after); !signal.aborted;) {
        const entry = this.#entries[index];
        if (entry !== undefined) {
          index++;
          yield entry;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => this.#waiting.add(resolve));
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  #write(value: unknown): void {
    if (this.#file !== undefined && !this.#file.destroyed) this.#file.write(`${JSON.stringify(value)}\n`);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

export type StoredLog = { record: unknown; entries: LogEntry[]; ended: boolean };

/** Reads a log's file. A last line that was not written to its end is left out. */
export async function readTurnLog(file: string): Promise<StoredLog> {
  const stored: StoredLog = { record: undefined, entries: [], ended: false };
  let first = true;
  for await (const text of createInterface({ input: createReadStream(file, 'utf8') })) {
    const value = parseJson(text);
    if (first) stored.record = value;
    else {
      const parsed = line.safeParse(value);
      if (!parsed.success) continue;
      if ('ended' in parsed.data) stored.ended = true;
      const chunk = 'chunk' in parsed.data ? parseChunk(parsed.data.chunk) : undefined;
      if (chunk !== undefined) stored.entries.push({ sequence: stored.entries.length + 1, chunk });
    }
    first = false;
  }
  return stored;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
