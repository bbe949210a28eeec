import type { LiveResult, ProjectControl } from '../../runner/project-control.ts';
import type { History } from '../history/history.ts';
import type { Commit, CommitKind } from '../history/types.ts';
import { whereToOpen } from '../project/where-to-open.ts';
import type { Turn } from './turn.ts';

const MAX_DIFFS = 40;

type CommitParts = {
  turn: Turn;
  history: History;
  control: ProjectControl;
  projectDir: string;
  onCommit: () => void;
};

/** Commits what is on disk and shows it in the turn. Null when nothing has changed. */
export async function commitTurn(
  parts: CommitParts,
  { message, kind, live }: { message: string; kind: CommitKind; live: boolean },
): Promise<{ commit: Commit; live: LiveResult | null } | null> {
  const { turn, history, control } = parts;
  const commit = await history.commitAll({ message, kind, by: 'agent', sessionId: turn.record.sessionId });
  if (commit === null) return null;
  const result = live ? await control.goLive() : null;
  await showCommit(parts, commit, result);
  return { commit, live: result };
}

/** Shows a commit: its files, then itself with what came of it. */
export async function showCommit(
  { turn, history, projectDir, onCommit }: CommitParts,
  commit: Commit,
  live: LiveResult | null,
): Promise<void> {
  const { files } = await history.diff(commit.hash);
  for (const file of files.slice(0, MAX_DIFFS)) turn.put('diff', file, `${commit.hash}:${file.file}`);
  const served = live !== null && 'revision' in live ? live : null;
  turn.put(
    'commit',
    {
      ...commit,
      live: served,
      open: served === null ? null : await whereToOpen(projectDir, files),
      undoable: (await history.undoable())?.hash === commit.hash,
    },
    commit.hash,
  );
  onCommit();
}
