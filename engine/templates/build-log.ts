import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** From the least to the most. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

const entrySchema = z.object({
  timestamp: z.string(),
  level: z.enum(LEVELS),
  message: z.string(),
  step: z.string().optional(),
});
export type LogEntry = z.infer<typeof entrySchema>;

/** Entries of one page of the status call: E2B's own number. */
export const PAGE_SIZE = 100;
/** A build that prints more is cut off here; a line that is longer, too. */
const MAX_ENTRIES = 20_000;
const MAX_LINE = 4000;

/** The log of a build that runs: in memory for those who follow it, and in a file. */
export class BuildLog {
  readonly #entries: LogEntry[] = [];
  readonly #file: WriteStream;
  readonly #now: () => number;

  private constructor(file: WriteStream, now: () => number) {
    this.#file = file;
    this.#now = now;
    // A full disk shows in the build itself.
    file.on('error', () => {});
  }

  static async create(file: string, now: () => number): Promise<BuildLog> {
    await mkdir(path.dirname(file), { recursive: true });
    return new BuildLog(createWriteStream(file), now);
  }

  add(level: LogLevel, message: string, step?: string): void {
    if (this.#entries.length > MAX_ENTRIES) return;
    const isLast = this.#entries.length === MAX_ENTRIES;
    const text = isLast ? 'The build prints too much: the rest of its log is left out.' : message.slice(0, MAX_LINE);
    const timestamp = new Date(this.#now()).toISOString();
    const entry: LogEntry = { timestamp, level, message: text, ...(step === undefined ? {} : { step }) };
    this.#entries.push(entry);
    this.#file.write(`${JSON.stringify(entry)}\n`);
  }

  entries(): LogEntry[] {
    return this.#entries;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#file.end(resolve));
  }
}

/** The log of a build that has ended. */
export async function readLog(file: string): Promise<LogEntry[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [entrySchema.parse(JSON.parse(line))];
    } catch {
      // The last line of a process that was killed.
      return [];
    }
  });
}

/** Cuts a stream of output into lines; what a progress bar overwrites is left out. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE) lines.push(this.#rest.slice(0, MAX_LINE));
    if (this.#rest.length > MAX_LINE) this.#rest = '';
    for (const line of lines) this.#emit(line);
  }

  end(): void {
    this.#emit(this.#rest);
    this.#rest = '';
  }

  #emit(line: string): void {
    const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
    if (shown.trim() !== '') this.#onLine(shown);
  }
}
