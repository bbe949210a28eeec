import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../errors.ts';
import { CommitLog, type LogEntry } from './commit-log.ts';
import { subjectOf, type MessageParts } from './commit-message.ts';
import { diffFiles } from './diffs.ts';
import { GitError, type Git } from './git.ts';
import { invert } from './invert.ts';
import { Mutex } from './mutex.ts';
import { gitFailure, refuseWhileMerging, Repository, type Head } from './repository.ts';
import { isTaken } from './taken-paths.ts';
import { applyChanges, diffTrees, isSecretFile, listTree, type TreeChange } from './tree-changes.ts';
import type { Commit, CommitRequest, FileDiff, RepositoryState } from './types.ts';
import { undoOrder, type UndoOrder } from './undo-order.ts';

export type HistoryPage = {
  commits: Commit[];
  undo: Commit | null;
  redo: Commit | null;
  /** Hashes of all changes that are undone. */
  undone: string[];
  state: RepositoryState;
};

type HistoryOptions = {
  projectDir: string;
  /** Where a repository that cannot be used any more is kept. */
  asideDir?: string;
};

/** How far back undo looks. */
const UNDO_DEPTH = 1000;
export const MAX_PAGE = 200;
const HASH = /^[0-9a-f]{7,64}$/;

/** The history of a project: what was changed when, and the ways back and forth. One thing happens at a time. */
export class History {
  readonly #projectDir: string;
  readonly #repository: Repository;
  readonly #log: CommitLog;
  readonly #mutex = new Mutex();

  constructor({ projectDir, asideDir }: HistoryOptions) {
    this.#projectDir = projectDir;
    this.#repository = new Repository(projectDir, asideDir);
    this.#log = new CommitLog(this.#repository.git);
  }

  /** Commits all that has changed, or gives null when nothing has. Throws `merge_in_progress` during a merge. */
  commitAll(request: CommitRequest): Promise<Commit | null> {
    return this.#exclusively(async (head) => {
      refuseWhileMerging(head);
      const tree = await this.#repository.stageAll();
      if (tree === head.tree) return null;
      return this.#log.commit(await this.#repository.commitTree(tree, head.commit, request));
    });
  }

  state(): Promise<RepositoryState> {
    return this.#exclusively((head) => this.#state(head));
  }

  /** Commits, the newest first; those before a commit when one is named. */
  list({ limit = 50, before }: { limit?: number; before?: string } = {}): Promise<Commit[]> {
    return this.#exclusively(async (head) => this.#log.commits(await this.#entries(head, limit, before)));
  }

  /** All that the history's list shows. */
  page({ limit = 50, before }: { limit?: number; before?: string } = {}): Promise<HistoryPage> {
    return this.#exclusively(async (head) => {
      const commits = await this.#log.commits(await this.#entries(head, limit, before));
      const { undo, redo, undone } = await this.#order(head);
      const state = await this.#state(head);
      return { commits, undo: await this.#orNull(undo), redo: await this.#comesBack(redo), undone, state };
    });
  }

  /** What a commit changed; `changes` for what is not committed. */
  diff(hash: string): Promise<{ commit: Commit; files: FileDiff[] }> {
    return this.#exclusively(async (head) => {
      if (hash === 'changes') return this.#uncommitted(head);
      const entry = await this.#find(hash);
      const from = await this.#treeBefore(entry);
      return { commit: await this.#log.commit(entry), files: await diffFiles(this.#repository.git, from, entry.tree) };
    });
  }

  undoable(): Promise<Commit | null> {
    return this.#exclusively(async (head) => this.#orNull((await this.#order(head)).undo));
  }

  /** The commit that a redo would bring back. */
  redoable(): Promise<Commit | null> {
    return this.#exclusively(async (head) => this.#comesBack((await this.#order(head)).redo));
  }

  /** Takes back the newest change that isn't undone yet, as a commit of its own. Throws `undo_conflict` rather than lose later edits. */
  undo(): Promise<Commit> {
    return this.#exclusively(async (head) => {
      const { undo } = await this.#order(head);
      if (undo === undefined) throw new ApiError(404, 'nothing_to_undo', 'There is nothing to undo.');
      const parts = {
        message: `Undo: ${subjectOf(undo.message)}`,
        kind: 'undo',
        by: 'you',
        undoes: undo.hash,
      } as const;
      return this.#move(head, parts, (tree) => this.#invert(undo, tree));
    });
  }

  redo(): Promise<Commit> {
    return this.#exclusively(async (head) => {
      const { redo } = await this.#order(head);
      if (redo === undefined) throw new ApiError(404, 'nothing_to_undo', 'There is nothing to redo.');
      const message = `Redo: ${subjectOf(redo.message).replace(/^Undo: /, '')}`;
      const parts = { message, kind: 'redo', by: 'you', redoes: redo.hash } as const;
      return this.#move(head, parts, (tree) => this.#invert(redo, tree));
    });
  }

  /** Makes the files as they were at a commit. */
  restore(hash: string): Promise<Commit> {
    return this.#exclusively(async (head) => {
      const entry = await this.#find(hash);
      const parts = { message: `Restore: ${subjectOf(entry.message)}`, kind: 'restore', by: 'you' } as const;
      return this.#move(head, parts, async (tree) => {
        const changes = await diffTrees(this.#repository.git, tree, entry.tree);
        if (changes.some(({ path }) => !isSecretFile(path))) return changes;
        throw new ApiError(409, 'already_restored', 'The files are already as they were then. Nothing was changed.');
      });
    });
  }

  /**
   * Makes the files those of a tree that `makeTree` puts into the repository, as a commit of kind `import`. Throws
   * `nothing_to_import` when they are already.
   */
  adopt(message: string, makeTree: (git: Git, indexFile: string) => Promise<string>): Promise<Commit> {
    return this.#exclusively(async (head) => {
      refuseWhileMerging(head);
      const { git } = this.#repository;
      const tree = await this.#withOwnIndex((file) => makeTree(git, file));
      return this.#move(head, { message, kind: 'import', by: 'you' }, async (current) => {
        const changes = await diffTrees(git, current, tree);
        if (changes.some(({ path }) => !isSecretFile(path))) return changes;
        throw new ApiError(409, 'nothing_to_import', 'The project already is as in this file. Nothing was changed.');
      });
    });
  }

  /** The files as they are, as a tree that no commit holds: what git would keep of them. */
  snapshot(): Promise<{ tree: string; git: Git }> {
    return this.#exclusively(async (head) => ({ tree: await this.#filesAsTree(head), git: this.#repository.git }));
  }

  /** A tree with some files changed, in no commit. */
  changedTree(tree: string, changes: TreeChange[]): Promise<string> {
    return this.#exclusively(() =>
      this.#withOwnIndex((file) => applyChanges(this.#repository.git, tree, changes, file)),
    );
  }

  /** Commits what is not committed, then changes files, then commits that too. */
  async #move(head: Head, parts: MessageParts, plan: (tree: string) => Promise<TreeChange[]>): Promise<Commit> {
    const repository = this.#repository;
    refuseWhileMerging(head);
    let parent = head.commit;
    const current = await repository.stageAll();
    const changes = await this.#allowed(await plan(current), current);
    if (current !== head.tree) {
      const edits = { message: 'Edits by hand', kind: 'edits', by: 'you' } as const;
      parent = (await repository.commitTree(current, parent, edits)).hash;
    }
    const next = await this.#withOwnIndex((file) => applyChanges(repository.git, current, changes, file));
    if (next !== current) await repository.moveFiles(current, next);
    return this.#log.commit(await repository.commitTree(next, parent, parts));
  }

  async #allowed(changes: TreeChange[], current: string): Promise<TreeChange[]> {
    const tracked = await listTree(this.#repository.git, current);
    const allowed: TreeChange[] = [];
    for (const change of changes) {
      if (isSecretFile(change.path)) continue;
      if (change.from === undefined && (await isTaken(this.#projectDir, change.path, tracked))) continue;
      allowed.push(change);
    }
    return allowed;
  }

  async #invert(entry: LogEntry, current: string): Promise<TreeChange[]> {
    return invert(this.#repository.git, { before: await this.#treeBefore(entry), after: entry.tree }, current);
  }

  async #treeBefore({ parent }: LogEntry): Promise<string> {
    if (parent === undefined) return this.#repository.emptyTree();
    return this.#repository.git.text(['rev-parse', '--verify', '--end-of-options', `${parent}^{tree}`]);
  }

  async #state(head: Head): Promise<RepositoryState> {
    if (head.merging) return 'merging';
    return (await this.#repository.hasChanges()) ? 'changed' : 'clean';
  }

  async #uncommitted(head: Head): Promise<{ commit: Commit; files: FileDiff[] }> {
    const { git } = this.#repository;
    const to = await this.#filesAsTree(head);
    const files = await diffFiles(git, head.tree, to);
    const sum = (key: 'added' | 'removed') => files.reduce((total, file) => total + file[key], 0);
    const at = new Date().toISOString();
    const size = { files: files.length, added: sum('added'), removed: sum('removed') };
    return { commit: { hash: 'changes', message: 'Not committed yet', at, ...size, kind: 'edits', by: 'you' }, files };
  }

  #filesAsTree(head: Head): Promise<string> {
    return this.#withOwnIndex(async (file) => {
      await this.#repository.git.run(['read-tree', head.tree], { env: { GIT_INDEX_FILE: file } });
      return this.#repository.stageAll({ GIT_INDEX_FILE: file });
    });
  }

  async #entries(head: Head, limit: number, before: string | undefined): Promise<LogEntry[]> {
    const count = Math.min(Math.max(1, Math.trunc(limit)), MAX_PAGE);
    if (before !== undefined) return this.#log.entries((await this.#find(before)).hash, count, 1);
    return head.commit === undefined ? [] : this.#log.entries(head.commit, count);
  }

  async #order(head: Head): Promise<UndoOrder> {
    return undoOrder(head.commit === undefined ? [] : await this.#log.entries(head.commit, UNDO_DEPTH));
  }

  /** The commit that an undo took away and a redo brings back. */
  async #comesBack(undo: LogEntry | undefined): Promise<Commit | null> {
    return this.#orNull(undo?.undoes === undefined ? undo : await this.#find(undo.undoes));
  }

  async #find(hash: string): Promise<LogEntry> {
    const name = HASH.test(hash) ? hash : '';
    const found = await this.#repository.git.run(
      ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
      { allowed: [1, 128] },
    );
    const [entry] = found.code === 0 ? await this.#log.entries(found.stdout.toString('utf8').trim(), 1) : [];
    if (entry !== undefined) return entry;
    throw new ApiError(404, 'commit_not_found', 'There is no such version in the history.', {
      next: 'Load the history again.',
    });
  }

  async #orNull(entry: LogEntry | undefined): Promise<Commit | null> {
    return entry === undefined ? null : ((await this.#log.commits([entry]))[0] ?? null);
  }

  /** An index that nobody else uses, so that what is staged stays as it is. */
  async #withOwnIndex<T>(work: (file: string) => Promise<T>): Promise<T> {
    const file = join(this.#repository.git.gitDir, `shmastra-index-${process.pid}`);
    try {
      return await work(file);
    } finally {
      await rm(file, { force: true });
      await rm(`${file}.lock`, { force: true });
    }
  }

  #exclusively<T>(work: (head: Head) => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      try {
        return await work(await this.#repository.prepare());
      } catch (error) {
        if (error instanceof GitError) throw gitFailure(error);
        throw error;
      }
    });
  }
}
