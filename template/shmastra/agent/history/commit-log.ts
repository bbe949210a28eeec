import { parseMessage, type ParsedMessage } from './commit-message.ts';
import type { Git } from './git.ts';
import type { Commit } from './types.ts';

export type LogEntry = ParsedMessage & { hash: string; parent: string | undefined; tree: string; at: string };

type Sizes = { files: number; added: number; removed: number };

const LOG_BYTES = 8 * 1024 * 1024;
/** Sizes never change, and are asked for again and again. */
const KEPT_SIZES = 2000;
const HASH = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Reads commits along the first parents: what was merged counts as one change. */
export class CommitLog {
  readonly #git: Git;
  readonly #sizes = new Map<string, Sizes>();

  constructor(git: Git) {
    this.#git = git;
  }

  /** At most `limit` commits from `start` on, the newest first. */
  async entries(start: string, limit: number, skip = 0): Promise<LogEntry[]> {
    const range = [`--max-count=${limit}`, `--skip=${skip}`, '--end-of-options', start, '--'];
    const log = await this.#git.run(
      ['log', '-z', '--first-parent', '--no-show-signature', '--no-notes', '--format=%H%n%P%n%T%n%cI%n%B', ...range],
      // The newest ones are worth showing when messages are huge.
      { maxBytes: LOG_BYTES, truncate: true },
    );
    const records = log.stdout.toString('utf8').split('\0').filter(Boolean);
    if (log.truncated) records.pop();
    return records.map(parseRecord);
  }

  async commits(entries: LogEntry[]): Promise<Commit[]> {
    await this.#measure(entries.map(({ hash }) => hash));
    return entries.map((entry) => {
      const { hash, message, at, kind, by, sessionId } = entry;
      const { files, added, removed } = this.#sizes.get(hash) ?? { files: 0, added: 0, removed: 0 };
      return { hash, message, at, files, added, removed, kind, by, ...(sessionId === undefined ? {} : { sessionId }) };
    });
  }

  async commit(entry: LogEntry): Promise<Commit> {
    const [commit] = await this.commits([entry]);
    if (commit === undefined) throw new Error(`there is no commit ${entry.hash}`);
    return commit;
  }

  async #measure(hashes: string[]): Promise<void> {
    const missing = hashes.filter((hash) => !this.#sizes.has(hash));
    if (missing.length === 0) return;
    while (this.#sizes.size > KEPT_SIZES) this.#sizes.delete(this.#sizes.keys().next().value ?? '');
    const output = await this.#git.run(
      ['diff-tree', '--stdin', '-r', '--root', '--numstat', '-z', '--no-renames', '--diff-merges=first-parent'],
      { input: missing.map((hash) => `${hash}\n`).join('') },
    );
    for (const hash of missing) this.#sizes.set(hash, { files: 0, added: 0, removed: 0 });
    let current: Sizes | undefined;
    // A commit's hash, then `added <tab> removed <tab> path` for each of its files.
    for (const token of output.stdout.toString('latin1').split('\0')) {
      if (HASH.test(token)) current = this.#sizes.get(token);
      else if (current !== undefined && token !== '') addTo(current, token);
    }
  }
}

function addTo(sizes: Sizes, numstat: string): void {
  const [added, removed] = numstat.split('\t', 2);
  sizes.files++;
  // Binary files have no lines: `-`.
  sizes.added += Number.parseInt(added ?? '', 10) || 0;
  sizes.removed += Number.parseInt(removed ?? '', 10) || 0;
}

function parseRecord(record: string): LogEntry {
  const [hash = '', parents = '', tree = '', at = '', ...message] = record.split('\n');
  const parent = parents.split(' ', 1)[0];
  return { hash, parent: parent === '' ? undefined : parent, tree, at, ...parseMessage(message.join('\n')) };
}
