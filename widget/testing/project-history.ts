import { randomBytes } from 'node:crypto';
import type { Commit, FileDiff } from '../api/shapes.ts';
import { PATCH } from './plays.ts';

export const DIFFS: FileDiff[] = [
  { file: 'src/mastra/agents/hello.ts', added: 18, removed: 0, patch: PATCH, truncated: false, binary: false },
  {
    file: 'src/mastra/agents/index.ts',
    added: 2,
    removed: 1,
    patch: `--- a/src/mastra/agents/index.ts\n+++ b/src/mastra/agents/index.ts\n@@ -1,3 +1,4 @@\n+import { hello } from './hello.ts';\n // Every agent of the project.\n-export const agents = {};\n+export const agents = { hello };\n`,
    truncated: false,
    binary: false,
  },
];

/** Commits of the double's project, newest first, with undo and redo as new commits. */
export class ProjectHistory {
  readonly commits: Commit[] = [];
  undo: Commit | null = null;
  redo: Commit | null = null;
  readonly undone: string[] = [];

  constructor() {
    this.add('Start with the sample project', 'edits', 'you', new Date(2026, 0, 5));
  }

  add(message: string, kind: Commit['kind'], by: Commit['by'], at = new Date()): Commit {
    const hash = randomBytes(20).toString('hex');
    const commit: Commit = { hash, message, at: at.toISOString(), files: 2, added: 20, removed: 1, kind, by };
    this.commits.unshift(commit);
    return commit;
  }

  change(message: string, at?: Date): Commit {
    const commit = this.add(message, 'change', 'agent', at);
    this.undo = commit;
    this.redo = null;
    return commit;
  }

  undoLast(): Commit | null {
    const last = this.undo;
    if (!last) return null;
    const changes = this.commits.filter((commit) => commit.kind === 'change');
    this.undo = changes[changes.indexOf(last) + 1] ?? null;
    this.redo = last;
    this.undone.push(last.hash);
    return this.add(`Undo "${last.message}"`, 'undo', 'you');
  }

  redoLast(): Commit | null {
    const last = this.redo;
    if (!last) return null;
    this.redo = null;
    this.undo = last;
    this.undone.pop();
    return this.add(`Redo "${last.message}"`, 'redo', 'you');
  }
}
