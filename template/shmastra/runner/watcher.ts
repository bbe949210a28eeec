import { existsSync, readdirSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** What a change means for the app. */
export type Change =
  /** A source file. */
  | 'source'
  /** An install is through, or .env has changed: the app process has to start anew. */
  | 'restart';

type WatcherOptions = {
  projectDir: string;
  onChange: (change: Change) => void;
  /** Events closer together than this count as one: editors write a file in several steps. */
  settleMs?: number;
};

const SKIPPED = new Set(['node_modules', '.git', '.mastra', '.data']);
const MAX_FOLDERS = 5000;
/** Only needed where the kernel has no watches left. */
const POLL_MS = 1000;
const RESTART_FILES = /^\.env(\.development)?$/;
/** Files that a build may read. Others, such as a database in the source tree, are written to all the time. */
const SOURCE_FILES = /\.([cm]?[jt]sx?|json)$/;
const ROOT_FILES = /^(src|package\.json|tsconfig.*\.json)$/;
/** A file that is written to without a pause is built at least this often. */
const MAX_SETTLE_MS = 200;
/** What pnpm and npm write when an install is through. */
const INSTALL_MARKERS = new Set(['.modules.yaml', '.package-lock.json']);

/**
 * Watches folders rather than files: that takes a watch per folder, and sees files that are replaced or added. Which
 * file it was doesn't matter, since a rebuild of unchanged sources costs a few milliseconds.
 */
export class SourceWatcher {
  readonly #options: WatcherOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #extraFolders: string[] = [];
  #timers = new Map<Change, { timer: NodeJS.Timeout; since: number }>();
  #poll: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#rescan();
  }

  /** Also watches these folders, which the last build read files from. */
  include(folders: string[]): void {
    this.#extraFolders = folders;
    this.#rescan();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #rescan(): void {
    const { projectDir } = this.#options;
    const modules = join(projectDir, 'node_modules');
    const wanted = new Set([projectDir, ...listFolders(join(projectDir, 'src')), ...this.#extraFolders]);
    if (existsSync(modules)) wanted.add(modules);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder) && existsSync(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) {
      if (!this.#watchers.has(folder) && this.#watchers.size < MAX_FOLDERS) this.#watch(folder);
    }
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, (_event, name) => this.#notice(folder, name));
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // No watches left on this machine: look from time to time instead.
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOSPC' || code === 'EMFILE') this.#poll ??= setInterval(() => this.#schedule('source'), POLL_MS);
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
    this.#schedule('source');
  }

  #notice(folder: string, name: string | null): void {
    const { projectDir } = this.#options;
    if (folder === join(projectDir, 'node_modules')) {
      if (name !== null && INSTALL_MARKERS.has(name)) this.#schedule('restart');
    } else if (folder === projectDir) {
      if (name === 'node_modules') this.#rescan();
      else if (name !== null && RESTART_FILES.test(name)) this.#schedule('restart');
      else if (name === null || ROOT_FILES.test(name)) this.#schedule('source');
    } else if (name === null || SOURCE_FILES.test(name) || !name.includes('.')) {
      // A name without a dot may be a folder.
      this.#schedule('source');
    }
  }

  #schedule(change: Change): void {
    if (this.#closed) return;
    const pending = this.#timers.get(change);
    const since = pending?.since ?? Date.now();
    if (pending !== undefined && Date.now() - since > MAX_SETTLE_MS) return;
    clearTimeout(pending?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(change);
      this.#rescan();
      this.#options.onChange(change);
    }, this.#options.settleMs ?? 10);
    this.#timers.set(change, { timer, since });
  }
}

function listFolders(root: string): string[] {
  const found: string[] = [];
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined && found.length < MAX_FOLDERS; folder = pending.pop()) {
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && !SKIPPED.has(entry.name)) pending.push(join(folder, entry.name));
      }
      found.push(folder);
    } catch {
      // Gone since its parent was read.
    }
  }
  return found;
}
