import type { Commit, History } from '../api/shapes.ts';
import { clockTime, dayName } from './time.ts';
import { countOf } from './tools.ts';

/** Message of the commit with which every project comes (scripts/template/definition.ts). Nobody here has made it. */
const SAMPLE = 'Start with the sample project';

type Named = Pick<Commit, 'kind' | 'message'>;

export const isSample = ({ kind, message }: Named): boolean => kind === 'edits' && message === SAMPLE;

export const versionTitle = (commit: Named): string => (isSample(commit) ? 'Sample project' : commit.message);

const KIND_WORDS: Record<Commit['kind'], string | null> = {
  change: null,
  undo: 'Undo',
  redo: 'Redo',
  restore: 'Restore',
  import: 'Import',
  edits: 'Edits',
};

/** When a version was made, by whom and how. The sample is as old as the workspace's image, which tells nobody anything. */
export function versionFacts(commit: Commit): string {
  const files = countOf(commit.files, 'file');
  if (isSample(commit)) return files;
  const by = commit.by === 'you' ? 'you' : null;
  return [clockTime(new Date(commit.at)), by, KIND_WORDS[commit.kind], files].filter(Boolean).join(' · ');
}

/** Where the project stands once the undo has been done. */
export function present(history: History | null): string {
  if (history?.undo) return `'${history.undo.message}'`;
  const first = history?.commits.at(-1);
  return first && isSample(first) ? 'the sample project' : 'the beginning';
}

export type Day = { name: string; commits: Commit[] };

/** Commits by the day they were made, in the order given. */
export function byDay(commits: readonly Commit[], now: Date): Day[] {
  const days: Day[] = [];
  for (const commit of commits) {
    const name = isSample(commit) ? 'The beginning' : dayName(new Date(commit.at), now);
    const last = days.at(-1);
    if (last?.name === name) last.commits.push(commit);
    else days.push({ name, commits: [commit] });
  }
  return days;
}
