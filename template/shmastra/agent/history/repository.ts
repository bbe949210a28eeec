import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KnownError } from '../known-error.ts';
import { formatMessage, type MessageParts } from './commit-message.ts';
import { Git, GitError } from './git.ts';
import { authorOf } from './identity.ts';
import { waitForLocks } from './locks.ts';
import type { RepositoryState } from './types.ts';

const ADD_TIMEOUT_MS = 120_000;
/** Git packs what has gathered about once in so many commits. */
const COMMITS_BETWEEN_PACKING = 100;

/** What stands in .git while something is half done. */
const UNFINISHED = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply', 'BISECT_LOG'];

/** Whatever a .gitignore says or doesn't: secrets and what is made anew are no history. */
const EXCLUDED = ['.env', '.env.*', '!.env.example', 'node_modules/', '.mastra/', '.data/'];
const EXCLUDED_MARK = '# Kept out of the history of this workspace.';

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
  async prepare(): Promise<void> {
    const found = await this.#inspect();
    if (found === 'usable') {
      await this.git.disarm();
      await this.#exclude();
      await this.#repairIndex();
      return;
    }
    if (found !== 'missing') {
      await mkdir(this.#asideDir, { recursive: true });
      const kept = join(this.#asideDir, `git-${new Date().toISOString().replace(/[^\d]/g, '')}`);
      await rename(this.git.gitDir, kept);
      console.error('The repository could not be read: it is kept, and a new one begins.', { kept, reason: found });
    }
    await this.git.run(['init', '--quiet', '--initial-branch=main', '--template=']);
    await this.#exclude();
    const message = found === 'missing' ? 'Start the history' : 'Start a new history: the one before was broken';
    await this.commitTree(await this.stageAll(), undefined, { message, kind: 'edits', by: 'you' });
  }

  async state(): Promise<RepositoryState> {
    if (await this.#isMerging()) return 'merging';
    const changes = await this.git.run(
      ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal', '--ignore-submodules=dirty'],
      { maxBytes: 4096, truncate: true },
    );
    return changes.stdout.length > 0 ? 'changed' : 'clean';
  }

  async refuseWhileMerging(): Promise<void> {
    if (!(await this.#isMerging())) return;
    throw new KnownError(
      409,
      'merge_in_progress',
      'A merge, rebase or bisect is not finished in this project. Nothing was changed.',
      'Finish or abort it in the terminal, for instance with git merge --continue or git merge --abort.',
    );
  }

  /** The newest commit, or undefined before the first one. */
  async head(): Promise<string | undefined> {
    const found = await this.git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { allowed: [1] });
    return found.code === 0 ? found.stdout.toString('utf8').trim() : undefined;
  }

  async treeOf(commit: string | undefined): Promise<string> {
    if (commit === undefined) return this.git.text(['mktree'], { input: '' });
    return this.git.text(['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`]);
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
  async commitTree(tree: string, parent: string | undefined, parts: MessageParts): Promise<string> {
    const parents = parent === undefined ? [] : ['-p', parent];
    const commit = await this.git.text(['commit-tree', ...parents, '-F', '-', tree], {
      input: formatMessage(parts),
      env: await authorOf(this.git, parts.by),
    });
    await this.#waitForLocks();
    const old = parent ?? '0'.repeat(commit.length);
    await this.git.run(['update-ref', '--create-reflog', '-m', `shmastra: ${parts.kind}`, 'HEAD', commit, old]);
    if (++this.#commits % COMMITS_BETWEEN_PACKING === 0) {
      await this.git.run(['gc', '--auto', '--quiet']).catch((error: unknown) => console.error(String(error)));
    }
    return commit;
  }

  /** Changes the files, and the index, from one tree to another. Nothing is touched that is in neither. */
  async moveFiles(from: string, to: string): Promise<void> {
    await this.#waitForLocks();
    try {
      await this.git.run(['read-tree', '-m', '-u', from, to], { timeoutMs: ADD_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof GitError) || !/not uptodate|would be (overwritten|removed)/.test(error.stderr))
        throw error;
      throw new KnownError(
        409,
        'files_changed',
        'Files changed while they were being put back. Nothing was lost.',
        'Try again.',
      );
    }
  }

  async #inspect(): Promise<'missing' | 'usable' | { reason: string }> {
    if ((await lstat(this.git.gitDir).catch(() => undefined)) === undefined) return 'missing';
    const tree = await this.#try(['cat-file', '-e', 'HEAD^{tree}']);
    if (tree === undefined) return 'usable';
    if (tree.code === undefined) throw gitFailure(tree);
    if (/\bconfig\b/.test(tree.stderr)) {
      throw new KnownError(
        500,
        'repository_broken',
        `Git cannot read the settings of this project’s repository: ${tree.stderr.trim().slice(0, 300)}`,
        'Correct the file .git/config in the terminal. Your files and their history are untouched.',
      );
    }
    // A branch without a commit yet.
    const branch = await this.#try(['rev-parse', '--is-inside-work-tree']);
    if (branch === undefined && (await this.#isUnborn())) return 'usable';
    return { reason: tree.stderr.trim() };
  }

  async #isUnborn(): Promise<boolean> {
    const branch = await this.#branch();
    if (branch === undefined || existsSync(join(this.git.gitDir, branch))) return false;
    return (await this.git.run(['show-ref', '--verify', '--quiet', branch], { allowed: [1, 128] })).code !== 0;
  }

  async #branch(): Promise<string | undefined> {
    const branch = await this.git.run(['symbolic-ref', '--quiet', 'HEAD'], { allowed: [1, 128] });
    return branch.code === 0 ? branch.stdout.toString('utf8').trim() : undefined;
  }

  /** Undefined when the command succeeds. */
  async #try(args: string[]): Promise<GitError | undefined> {
    try {
      await this.git.run(args);
      return undefined;
    } catch (error) {
      if (error instanceof GitError) return error;
      throw error;
    }
  }

  async #isMerging(): Promise<boolean> {
    if (UNFINISHED.some((name) => existsSync(join(this.git.gitDir, name)))) return true;
    const unmerged = await this.git.run(['ls-files', '--unmerged', '-z'], { maxBytes: 4096, truncate: true });
    return unmerged.stdout.length > 0;
  }

  /** The index holds nothing that is not in a commit or a file. */
  async #repairIndex(): Promise<void> {
    const failure = await this.#try(['ls-files', '--unmerged', '-z']);
    if (failure === undefined) return;
    if (!/index/.test(failure.stderr)) throw gitFailure(failure);
    await this.#waitForLocks();
    await rename(join(this.git.gitDir, 'index'), join(this.git.gitDir, 'index.broken'));
    if ((await this.head()) !== undefined) await this.git.run(['read-tree', 'HEAD']);
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
export function gitFailure(error: GitError): KnownError {
  return new KnownError(
    500,
    'git_failed',
    `The history of this project could not be used: ${error.message.slice(0, 300)}`,
    'Your files are untouched. Look at it in the terminal with git status and git fsck.',
  );
}

function refuseFullDisk(stderr: string): void {
  if (!/No space left|Disk quota exceeded/.test(stderr)) return;
  throw new KnownError(
    503,
    'disk_full',
    'The disk of this workspace is full, so that nothing can be committed. Your files are as they were.',
    'Delete what you don’t need, then try again.',
  );
}
