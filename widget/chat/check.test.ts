import { expect, test } from 'vitest';
import type { Check } from '../api/parts.ts';
import { checkFailed, shownStages } from './check.ts';

type State = Check['stages'][number]['state'];
const check = (bundle: State, types: State): Check => ({
  ok: bundle === 'ok' && types === 'ok',
  stages: [
    { stage: 'bundle', state: bundle, errors: [] },
    { stage: 'types', state: types, errors: [] },
  ],
});
const shown = (of: Check, turnRuns: boolean) => {
  const stages = shownStages(of, turnRuns);
  return { states: stages.map((stage) => stage.state), failed: checkFailed(of, stages) };
};

test('runs as long as the turn does', () => {
  expect(shown(check('ok', 'running'), true)).toEqual({ states: ['ok', 'running'], failed: false });
});

test('shows a stage that the end of the turn cut off as stopped, which is no failure', () => {
  expect(shown(check('ok', 'running'), false)).toEqual({ states: ['ok', 'stopped'], failed: false });
});

test('a failure stays one, cut off or not', () => {
  expect(shown(check('failed', 'skipped'), false)).toEqual({ states: ['failed', 'skipped'], failed: true });
  expect(shown(check('failed', 'running'), false)).toEqual({ states: ['failed', 'stopped'], failed: true });
  expect(shown({ ...check('ok', 'ok'), ok: false }, false).failed).toBe(true);
});
