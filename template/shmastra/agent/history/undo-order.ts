import type { LogEntry } from './commit-log.ts';

export type UndoOrder = {
  /** The commit that an undo takes back: the newest of the agent, of an import or of a restore that isn't undone yet. */
  undo: LogEntry | undefined;
  /** The undo that a redo takes back. */
  redo: LogEntry | undefined;
  /** Hashes of the changes that are taken back and not brought back since. */
  undone: string[];
};

/** Reads off the newest commits, the newest first, where undo and redo stand. What somebody edited by hand is not theirs to take back. */
export function undoOrder(entries: LogEntry[]): UndoOrder {
  const undone = new Set<string>();
  const redone = new Set<string>();
  let undo: LogEntry | undefined;
  let redo: LogEntry | undefined;
  let redoEnded = false;
  for (const entry of entries) {
    if (entry.kind === 'redo') {
      if (entry.redoes !== undefined) redone.add(entry.redoes);
    } else if (entry.kind === 'undo') {
      if (redone.has(entry.hash)) continue;
      if (entry.undoes !== undefined) undone.add(entry.undoes);
      if (!redoEnded && undo === undefined) redo ??= entry;
    } else if (undone.has(entry.hash)) {
      redoEnded = true;
    } else if (entry.kind !== 'edits') {
      undo ??= entry;
      // What was undone before a restore or an import may be in the files again.
      if (entry.kind !== 'change') break;
    }
  }
  return { undo, redo, undone: [...undone] };
}
