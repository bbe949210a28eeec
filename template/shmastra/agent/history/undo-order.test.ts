import { expect, it } from 'vitest';
import type { LogEntry } from './commit-log.ts';
import type { CommitKind } from './types.ts';
import { undoOrder, type UndoOrder } from './undo-order.ts';

type Step = [hash: string, kind: CommitKind, about?: string];

/** Written the oldest first: a name, a kind, and the name that an undo or redo is about. */
function orderOf(commits: Step[]): UndoOrder {
  const entries = commits.map(([hash, kind, about]): LogEntry => {
    const link = about === undefined ? {} : kind === 'undo' ? { undoes: about } : { redoes: about };
    return { hash, kind, by: 'you', message: hash, parent: undefined, tree: '', at: '', ...link };
  });
  return undoOrder(entries.toReversed());
}

function order(...commits: Step[]): (string | undefined)[] {
  const { undo, redo } = orderOf(commits);
  return [undo?.hash, redo?.hash];
}

it('finds what undo and redo take back', () => {
  expect(order()).toEqual([undefined, undefined]);
  expect(order(['e', 'edits'])).toEqual([undefined, undefined]);
  expect(order(['a', 'change'], ['b', 'import'], ['e', 'edits'])).toEqual(['b', undefined]);
  expect(order(['a', 'change'], ['b', 'restore'], ['u', 'undo', 'b'])).toEqual(['a', 'u']);
  expect(order(['a', 'change'], ['b', 'change'], ['u', 'undo', 'b'], ['v', 'undo', 'a'])).toEqual([undefined, 'v']);
});

it('steps back through undos when they are redone', () => {
  const undone: Step[] = [
    ['a', 'change'],
    ['b', 'change'],
    ['u', 'undo', 'b'],
    ['v', 'undo', 'a'],
    ['r', 'redo', 'v'],
  ];
  expect(order(...undone)).toEqual(['a', 'u']);
  expect(order(...undone, ['s', 'redo', 'u'])).toEqual(['b', undefined]);
});

it('ends redo with a new change, and begins again when that is undone', () => {
  const changed: Step[] = [
    ['a', 'change'],
    ['u', 'undo', 'a'],
    ['b', 'change'],
  ];
  expect(order(...changed)).toEqual(['b', undefined]);
  expect(order(...changed, ['v', 'undo', 'b'])).toEqual([undefined, 'v']);
  expect(order(...changed, ['v', 'undo', 'b'], ['r', 'redo', 'v'])).toEqual(['b', undefined]);
});

it('knows all that is undone, until it is redone or the files become those of another version', () => {
  const undone = (...commits: Step[]) => orderOf(commits).undone.toSorted();
  const twice: Step[] = [
    ['a', 'change'],
    ['b', 'change'],
    ['u', 'undo', 'b'],
    ['v', 'undo', 'a'],
  ];
  expect(undone(['a', 'change'])).toEqual([]);
  expect(undone(...twice)).toEqual(['a', 'b']);
  expect(undone(...twice, ['r', 'redo', 'v'])).toEqual(['b']);
  expect(undone(...twice, ['e', 'edits'], ['c', 'change'])).toEqual(['a', 'b']);
  expect(undone(...twice, ['c', 'change'], ['w', 'undo', 'c'])).toEqual(['a', 'b', 'c']);
  expect(undone(...twice, ['s', 'restore'])).toEqual([]);
  expect(undone(...twice, ['s', 'restore'], ['w', 'undo', 's'])).toEqual(['a', 'b', 's']);
});

it('keeps where undo and redo stand beside what was undone earlier', () => {
  const changed: Step[] = [
    ['a', 'change'],
    ['u', 'undo', 'a'],
    ['b', 'change'],
    ['c', 'change'],
  ];
  expect(order(...changed)).toEqual(['c', undefined]);
  expect(order(...changed, ['v', 'undo', 'c'])).toEqual(['b', 'v']);
});
