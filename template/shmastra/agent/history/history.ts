import { Mutex } from './mutex.ts';
import { CommitLog } from './commit-log.ts';
import { GitError } from './git.ts';
import { gitFailure, Repository } from './repository.ts';
import type { Commit, CommitRequest, RepositoryState } from './types.ts';

type HistoryOptions = {
  projectDir: string;
  /** Where a repository that cannot be used any more is kept. */
  asideDir?: string;
};

/** The history of a project: what was changed when, and the ways back and forth. One thing happens at a time. */
export class History {
  readonly #repository: Repository;
  readonly #log: CommitLog;
  readonly #mutex = new Mutex();

  constructor({ projectDir, asideDir }: HistoryOptions) {
    this.#repository = new Repository(projectDir, asideDir);
    this.#log = new CommitLog(this.#repository.git);
  }

  /** Commits all that has changed, or gives null when nothing has. Throws `merge_in_progress` during a merge. */
  commitAll(request: CommitRequest): Promise<Commit | null> {
    return this.#exclusively(async () => {
      await this.#repository.refuseWhileMerging();
      const commit = await this.#commitChanges(request);
      return commit === undefined ? null : this.#log.commit(commit);
    });
  }

  state(): Promise<RepositoryState> {
    return this.#exclusively(() => this.#repository.state());
  }

  async #commitChanges(request: CommitRequest): Promise<string | undefined> {
    const head = await this.#repository.head();
    const tree = await this.#repository.stageAll();
    if (tree === (await this.#repository.treeOf(head))) return undefined;
    return this.#repository.commitTree(tree, head, request);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      try {
        await this.#repository.prepare();
        return await work();
      } catch (error) {
        if (error instanceof GitError) throw gitFailure(error);
        throw error;
      }
    });
  }
}
