import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../errors.ts';
import type { LogEntry } from './commit-log.ts';
import { formatMessage, parseMessage, type MessageParts } from './commit-message.ts';
import { Git, GitError } from './git.ts';
import { authorOf } from './identity.ts';
import { waitForLocks } from './locks.ts';

const ADD_TIMEOUT_MS = 120_000;
/** Git packs what has gathered about once in so many commits. */
const COMMITS_BETWEEN_PACKING = 100;

/** What stands in .git while something is half done. */
const UNFINISHED = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply', 'BISECT_LOG'];

/** Whatever a .gitignore says or doesn't: secrets and what is made anew are no history. */
const EXCLUDED = ['.env', '.env.*', '!.env.example', 'node_modules/', '.mastra/', '.data/'];
const EXCLUDED_MARK = '# Kept out of the history of this workspace.';

/** Where the history stands. */
export type Head = {
  /** The newest commit, or undefined before the first one. */
  commit: string | undefined;
  tree: string;
  merging: boolean;
};

/** The git repository of a project, made sure to be there and usable. */
export class Repository {
  readonly git: Git;
  readonly #projectDir: string;
  readonly #asideDir: string;
  #commits = 0;

  /** A repository that is beyond use is kept in `asideDir`, by default the project's data folder. */
  constructor(projectDir: string, asideDir = join(projectDir, '.data')) {
    this.#projectDir = projectDir;
    this.#asideDir = asideDir;
    this.git = new Git(projectDir);
  }

  /** Makes the repository usable, anew if it has to be: everything is committed then, and the broken one kept. */
  async prepare(): Promise<Head> {
    const found = await this.#inspect();
    if ('tree' in found) {
      await this.git.disarm();
      await this.#exclude();
      return { ...found, merging: await this.#isMerging() };
    }
    if (found.broken !== undefined) {
      await mkdir(this.#asideDir, { recursive: true });
      const kept = join(this.#asideDir, `git-${new Date().toISOString().replace(/[^\d]/g, '')}`);
      await rename(this.git.gitDir, kept);
      console.error('The repository could not be read: it is kept, and a new one begins.', { kept, ...found });
    }
    await this.git.run(['init', '--quiet', '--initial-branch=main', '--template=']);
    await this.#exclude();
    const tree = await this.stageAll();
    const message = found.broken === undefined ? 'Start the history' : 'Start a new history: the one before was broken';
    const commit = await this.commitTree(tree, undefined, { message, kind: 'edits', by: 'you' });
    return { commit: commit.hash, tree, merging: false };
  }

  async hasChanges(): Promise<boolean> {
    const changes = await this.git.run(
      ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal', '--ignore-submodules=dirty'],
      { maxBytes: 4096, truncate: true },
    );
    return changes.stdout.length > 0;
  }

  emptyTree(): Promise<string> {
    return this.git.text(['mktree'], { input: '' });
  }

  /** Puts the files as they are into the index, or into another one, and gives the tree of them. */
  async stageAll(env: Record<string, string> = {}): Promise<string> {
    if (Object.keys(env).length === 0) await this.#waitForLocks();
    // A file that cannot be read, or a repository inside this one without a commit, is left out.
    const added = await this.git.run(['add', '--all', '--ignore-errors'], {
      allowed: [1],
      timeoutMs: ADD_TIMEOUT_MS,
      env,
    });
    refuseFullDisk(added.stderr);
    return this.git.text(['write-tree'], { env });
  }

  /** Makes a tree the newest commit; `parent` has to be the newest one until then. */
  async commitTree(tree: string, parent: string | undefined, parts: MessageParts): Promise<LogEntry> {
    const parents = parent === undefined ? [] : ['-p', parent];
    const at = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    const dates = { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at };
    const text = formatMessage(parts);
    const hash = await this.git.text(['commit-tree', ...parents, '-F', '-', tree], {
      input: text,
      env: { ...(await authorOf(this.git, parts.by)), ...dates },
    });
    await this.#waitForLocks();
    const old = parent ?? '0'.repeat(hash.length);
    await this.git.run(['update-ref', '--create-reflog', '-m', `shmastra: ${parts.kind}`, 'HEAD', hash, old]);
    if (++this.#commits % COMMITS_BETWEEN_PACKING === 0) {
      await this.git.run(['gc', '--auto', '--quiet']).catch((error: unknown) => console.error(String(error)));
    }
    return { hash, parent, tree, at, ...parseMessage(text) };
  }

  /** Changes the files, and the index, from one tree to another. Nothing is touched that is in neither. */
  async moveFiles(from: string, to: string): Promise<void> {
    await this.#waitForLocks();
    try {
      await this.git.run(['read-tree', '-m', '-u', from, to], { timeoutMs: ADD_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof GitError) || !/not uptodate|would be (overwritten|removed)/.test(error.stderr))
        throw error;
      throw new ApiError(409, 'files_changed', 'Files changed while they were being put back. Nothing was lost.', {
        next: 'Try again.',
      });
    }
  }

  async #inspect(): Promise<Omit<Head, 'merging'> | { broken: string | undefined }> {
    if ((await lstat(this.git.gitDir).catch(() => undefined)) === undefined) return { broken: undefined };
    try {
      const objects = await this.git.text(['cat-file', '--batch-check'], { input: 'HEAD^{commit}\nHEAD^{tree}\n' });
      const [commit, tree] = objects.split('\n').map((line) => /^([0-9a-f]+) (?:commit|tree) \d+$/.exec(line)?.[1]);
      if (commit !== undefined && tree !== undefined) return { commit, tree };
      if (await this.#isUnborn()) return { commit: undefined, tree: await this.emptyTree() };
      return { broken: objects };
    } catch (error) {
      if (!(error instanceof GitError) || error.code === undefined) throw error;
      if (!/\bconfig\b/.test(error.stderr)) return { broken: error.stderr.trim() };
      throw new ApiError(
        500,
        'repository_broken',
        `Git cannot read the settings of this project’s repository: ${error.stderr.trim().slice(0, 300)}`,
        { next: 'Correct the file .git/config in the terminal. Your files and their history are untouched.' },
      );
    }
  }

  async #isUnborn(): Promise<boolean> {
    const branch = await this.#branch();
    if (branch === undefined || existsSync(join(this.git.gitDir, branch))) return false;
    return (await this.git.run(['show-ref', '--verify', '--quiet', branch], { allowed: [1, 128] })).code !== 0;
  }

  /** The full name of the branch that is checked out, if one is. */
  async #branch(): Promise<string | undefined> {
    const head = await readFile(join(this.git.gitDir, 'HEAD'), 'utf8').catch(() => '');
    return /^ref: (refs\/\S+)/.exec(head)?.[1];
  }

  async #isMerging(): Promise<boolean> {
    const unmerged = await this.#unmerged().catch(async (error: unknown) => {
      if (!(error instanceof GitError) || !/index/.test(error.stderr)) throw error;
      await this.#renewIndex();
      return false;
    });
    return unmerged || UNFINISHED.some((name) => existsSync(join(this.git.gitDir, name)));
  }

  /** Whether there are files that a merge, or something like it, could not bring together. */
  async #unmerged(): Promise<boolean> {
    const files = await this.git.run(['ls-files', '--unmerged', '-z'], { maxBytes: 4096, truncate: true });
    return files.stdout.length > 0;
  }

  /** A damaged index is no loss: what it holds is in a commit or in a file. */
  async #renewIndex(): Promise<void> {
    await this.#waitForLocks();
    await rename(join(this.git.gitDir, 'index'), join(this.git.gitDir, 'index.broken'));
    if (!(await this.#isUnborn())) await this.git.run(['read-tree', 'HEAD']);
  }

  async #exclude(): Promise<void> {
    const file = join(this.git.gitDir, 'info', 'exclude');
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.includes(EXCLUDED_MARK)) return;
    await mkdir(join(this.git.gitDir, 'info'), { recursive: true });
    await writeFile(file, `${text}${[EXCLUDED_MARK, ...EXCLUDED].join('\n')}\n`);
  }

  async #waitForLocks(): Promise<void> {
    const projectDir = await realpath(this.#projectDir);
    await waitForLocks(this.git.gitDir, projectDir, await this.#branch());
  }
}

/** What git could not do, for a person. */
export function gitFailure(error: GitError): ApiError {
  return new ApiError(
    500,
    'git_failed',
    `The history of this project could not be used: ${error.message.slice(0, 300)}`,
    { next: 'Your files are untouched. Look at it in the terminal with git status and git fsck.' },
  );
}

export function refuseWhileMerging({ merging }: Head): void {
  if (!merging) return;
  throw new ApiError(
    409,
    'merge_in_progress',
    'A merge, rebase or bisect is not finished in this project. Nothing was changed.',
    { next: 'Finish or abort it in the terminal, for instance with git merge --continue or git merge --abort.' },
  );
}

function refuseFullDisk(stderr: string): void {
  if (!/No space left|Disk quota exceeded/.test(stderr)) return;
  throw new ApiError(
    503,
    'disk_full',
    'The disk of this workspace is full, so that nothing can be committed. Your files are as they were.',
    { next: 'Delete what you don’t need, then try again.' },
  );
}
