import { expect, it } from 'vitest';
import type { LogEntry } from './commit-log.ts';
import type { CommitKind } from './types.ts';
import { undoOrder } from './undo-order.ts';

type Step = [hash: string, kind: CommitKind, about?: string];

/** Written the oldest first: a name, a kind, and the name that an undo or redo is about. */
function order(...commits: Step[]): (string | undefined)[] {
  const entries = commits.map(([hash, kind, about]): LogEntry => {
    const link = about === undefined ? {} : kind === 'undo' ? { undoes: about } : { redoes: about };
    return { hash, kind, by: 'you', message: hash, parent: undefined, tree: '', at: '', ...link };
  });
  const { undo, redo } = undoOrder(entries.toReversed());
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
