import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** One attempt: what was tried, what stops it, what came of it, and what comes of it without that defence. */
const Row = z.object({
  attempt: z.string(),
  stoppedBy: z.string(),
  outcome: z.string(),
  without: z.string(),
});
export type Row = z.infer<typeof Row>;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = path.join(ROOT, '.cache/escape');
const PAGE = path.join(ROOT, 'docs/engine-escapes.md');

/** The rows of one test file. */
export class Table {
  readonly #name: string;
  readonly #rows: Row[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  add(row: Row): void {
    this.#rows.push(row);
  }

  /** Prints the rows and keeps them for the page. */
  finish(): void {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path.join(FOLDER, `${this.#name}.json`), JSON.stringify(this.#rows));
    process.stdout.write(`\n${this.#name}\n${format(this.#rows)}\n`);
    if (process.env.ESCAPE_TABLE === 'write') writePage();
  }
}

function format(rows: Row[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').slice(0, 160);
  const line = (row: Row) =>
    `| ${[row.attempt, row.stoppedBy, row.outcome, row.without].map((text) => cell(text)).join(' | ')} |`;
  return [
    '| Attempt | What stops it | Outcome | Without that defence |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => line(row)),
  ].join('\n');
}

/** Writes docs/engine-escapes.md from what the last run of each file found. */
function writePage(): void {
  const parts = readdirSync(FOLDER)
    .toSorted()
    .map((file) => ({
      name: path.basename(file, '.json'),
      rows: z.array(Row).parse(JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'))),
    }));
  const text = [
    '# Attempts to get out of a sandbox',
    'Written by `ESCAPE_TABLE=write npm run test:escape`: do not edit. Each line is a test in `engine/escape/`. Where the' +
      ' last column says *succeeds*, the same program was run in a sandbox that lacks that one defence (or, where several' +
      ' stand behind each other, all that the second column names). How to read it, and what it leaves open:' +
      ' [engine-security.md](engine-security.md).',
    ...parts.map(
      ({ name, rows }) => `## ${name[0]?.toUpperCase()}${name.slice(1)} (${rows.length})\n\n${format(rows)}`,
    ),
  ].join('\n\n');
  writeFileSync(PAGE, `${text}\n`);
}
