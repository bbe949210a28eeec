/**
 * What a commit is for: a turn of the agent, a step back or forth, a restored version, an import, or what somebody
 * changed by hand.
 */
export type CommitKind = 'change' | 'undo' | 'redo' | 'restore' | 'import' | 'edits';

export type CommitAuthor = 'agent' | 'you';

/** A commit as the chat API shows it. */
export type Commit = {
  hash: string;
  message: string;
  /** When it was made, in ISO 8601. */
  at: string;
  files: number;
  added: number;
  removed: number;
  kind: CommitKind;
  by: CommitAuthor;
  sessionId?: string;
};

export type FileDiff = {
  file: string;
  added: number;
  removed: number;
  /** Unified, at most 40,000 characters. */
  patch: string;
  truncated: boolean;
  binary: boolean;
};

/** `merging` also stands for a rebase, cherry-pick, revert or bisect that somebody has begun. */
export type RepositoryState = 'clean' | 'changed' | 'merging';

export type CommitRequest = {
  message: string;
  kind: CommitKind;
  by: CommitAuthor;
  sessionId?: string | undefined;
};
