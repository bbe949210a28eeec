import { expect, test } from 'vitest';
import type { Commit } from '../api/shapes.ts';
import { byDay, present, versionFacts, versionTitle } from './version.ts';

const now = new Date(2026, 5, 2, 12);
const commit = (message: string, more: Partial<Commit> = {}): Commit => ({
  ...{ hash: message, message, at: new Date(2026, 5, 2, 9, 30).toISOString() },
  ...{ files: 2, added: 1, removed: 0, kind: 'edits', by: 'you', ...more },
});
const sample = commit('Start with the sample project', { at: new Date(2026, 0, 5).toISOString(), files: 22 });

test('shows the sample as what is there from the beginning, made by nobody', () => {
  expect([versionTitle(sample), versionFacts(sample)]).toEqual(['Sample project', '22 files']);
  const own = commit('Mend a typo');
  expect([versionTitle(own), versionFacts(own)]).toEqual(['Mend a typo', '09:30 · you · Edits · 2 files']);
  expect(byDay([own, commit('Add', { kind: 'change' }), sample], now).map(({ name }) => name)).toEqual([
    ...['Today', 'The beginning'],
  ]);
});

test('puts versions under their day', () => {
  const on = (day: number) => commit('Add', { at: new Date(2026, 5, day, 9).toISOString() });
  expect(byDay([on(2), on(2), on(1)], now).map((day) => [day.name, day.commits.length])).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
  ]);
});

test('names where an undo leads', () => {
  const change = commit('Add hello', { kind: 'change', by: 'agent' });
  const history = { commits: [change, sample], undo: change, redo: null, undone: [], state: 'clean' as const };
  expect(present(history)).toBe("'Add hello'");
  expect(present({ ...history, undo: null })).toBe('the sample project');
  expect(present({ ...history, undo: null, commits: [change] })).toBe('the beginning');
});
