import { expect, test } from 'vitest';
import { backoff, barContent, describeSourceError, shouldReportActivity, viewOfAnswer } from './state.ts';

test('reads the state of the sandbox from an answer', () => {
  expect(viewOfAnswer(200, { status: 'ready' })).toBe('ready');
  expect(viewOfAnswer(503, { error: { code: 'sandbox_paused' }, status: 'paused' })).toBe('asleep');
  expect(viewOfAnswer(503, { error: { code: 'sandbox_waking' }, status: 'paused' })).toBe('waking');
  expect(viewOfAnswer(503, { error: { code: 'sandbox_healing' }, status: 'healing' })).toBe('healing');
  // Somebody answered, so that nobody is offline.
  expect(viewOfAnswer(502, null)).toBe('unreachable');
  expect(viewOfAnswer(500, { status: 'unheard-of' })).toBe('unreachable');
});

test('shows nothing while all is well, and one action when it is not', () => {
  expect(barContent({ view: 'ready', buildError: null })).toBeNull();
  expect(barContent({ view: 'asleep', buildError: null })?.action).toEqual({ label: 'Wake', does: 'wake' });
  expect(barContent({ view: 'ready', buildError: 'hello.ts:12 has a type error' })?.text).toBe(
    'hello.ts:12 has a type error. The last good version is still live.',
  );
});

test('names the place of an error in the code', () => {
  expect(describeSourceError({ message: 'Unexpected "}"', file: 'src/mastra/agents/hello.ts', line: 12 })).toBe(
    'hello.ts:12 Unexpected "}"',
  );
  expect(describeSourceError({})).toBe('The last edit does not build');
});

test('reports activity at most once a minute, only for fresh input on a visible page', () => {
  const now = 1_000_000;
  const facts = { visible: true, lastInput: now - 1000, lastReport: now - 61_000 };
  expect(shouldReportActivity(now, facts)).toBe(true);
  expect(shouldReportActivity(now, { ...facts, visible: false })).toBe(false);
  expect(shouldReportActivity(now, { ...facts, lastReport: now - 30_000 })).toBe(false);
  expect(shouldReportActivity(now, { ...facts, lastInput: now - 61_000, lastReport: 0 })).toBe(false);
  expect(shouldReportActivity(now, { ...facts, lastInput: now - 62_000 })).toBe(false);
});

test('waits longer after each failure, up to half a minute', () => {
  expect(backoff(1, 1)).toBe(1000);
  expect(backoff(4, 0)).toBe(4000);
  expect(backoff(50, 1)).toBe(30_000);
});
