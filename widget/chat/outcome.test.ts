import { expect, test } from 'vitest';
import type { MessagePart } from '../api/shapes.ts';
import { outcomeOf } from './outcome.ts';

const told = (...parts: MessagePart[]) => outcomeOf({ message: { id: 'm', role: 'assistant', parts } });
const turn = (state: string): MessagePart => ({ type: 'data-turn', data: { turnId: 't', startedAt: '', state } });

test('says what came of a turn in one sentence', () => {
  const commit = {
    hash: 'a',
    message: 'Add hello',
    at: '',
    files: 1,
    added: 1,
    removed: 0,
    kind: 'change',
    by: 'agent',
  };
  const live = { ...commit, live: { ms: 92, revision: 1 }, open: null, undoable: true };
  expect(told(turn('done'), { type: 'data-commit', data: live })).toBe('Done. Live: Add hello');
  expect(told(turn('done'))).toBe('Done.');
  expect(told(turn('stopped'))).toBe('Stopped.');
  expect(told(turn('failed'), { type: 'data-notice', data: { kind: 'error', message: 'It broke.' } })).toBe(
    'It broke.',
  );
  expect(told(turn('failed'))).toBe('The turn failed.');
});
