import type { FileDiff } from '../api/shapes.ts';

export type DiffLine = { kind: 'add' | 'delete' | 'hunk' | 'same'; text: string; line: number | null };

const MAX_LINES = 2000;

/** Lines of a unified patch without its file headers; each with its number in the new file. */
export function diffLines(patch: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let next = 0;
  let inHunk = false;
  for (const text of patch.split('\n').slice(0, MAX_LINES)) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(text);
    if (hunk) {
      inHunk = true;
      next = Number(hunk[1]);
      lines.push({ kind: 'hunk', text, line: null });
    } else if (!inHunk || text === '' || text.startsWith('\\') || text.startsWith('diff --git ')) {
      if (text.startsWith('diff --git ')) inHunk = false;
    } else if (text.startsWith('+')) lines.push({ kind: 'add', text, line: next++ });
    else if (text.startsWith('-')) lines.push({ kind: 'delete', text, line: null });
    else lines.push({ kind: 'same', text, line: next++ });
  }
  return lines;
}

export function diffTotals(files: readonly FileDiff[]): { added: number; removed: number } {
  return files.reduce((sum, file) => ({ added: sum.added + file.added, removed: sum.removed + file.removed }), {
    added: 0,
    removed: 0,
  });
}
