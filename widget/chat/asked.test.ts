import { expect, test } from 'vitest';
import type { MessagePart } from '../api/shapes.ts';
import { hasCard, whyUnanswered } from './asked.ts';

const CUT_OFF = { state: 'output-error', errorText: 'The turn ended before this was done.' };
const SKIPPED = { state: 'output-available', output: { skipped: true } };
const variables = [{ name: 'A_KEY', why: 'To ask A', secret: true }];
const question = { question: 'Which city?', options: [], multiple: false };

const call = (more: { state: string; type?: string; input?: object; errorText?: string }) => ({
  type: 'tool-ask_user',
  toolCallId: 'c1',
  input: question,
  ...more,
});
const card: MessagePart = { type: 'data-question', data: { id: 'q1', ...question, state: 'skipped' } };
const turn = (state: string): MessagePart => ({ type: 'data-turn', data: { turnId: 't1', startedAt: '', state } });

test('tells what a person skipped from what the end of the turn left without an answer', () => {
  expect(whyUnanswered([call(SKIPPED), card, turn('failed')], card)).toBeNull();
  expect(whyUnanswered([call(CUT_OFF), card, turn('failed')], card)).toBe('the agent was interrupted');
  expect(whyUnanswered([call(CUT_OFF), card, turn('stopped')], card)).toBe('the turn was stopped');
  expect(whyUnanswered([call(CUT_OFF), card, turn('done')], card)).toBe('the turn ended');
  const answered = { ...card, data: { ...question, id: 'q1', state: 'answered', answer: ['Lisbon'] } };
  expect(whyUnanswered([call(CUT_OFF), answered, turn('failed')], answered)).toBeNull();
});

test('goes by the last call of those that asked the same', () => {
  const invalid = call({ state: 'output-error', errorText: 'options: too few' });
  expect(whyUnanswered([invalid, call(SKIPPED), card, turn('done')], card)).toBeNull();
});

test('goes by the call that asked just this', () => {
  const other = call({ ...CUT_OFF, input: { ...question, question: 'Which colour?' } });
  expect(whyUnanswered([other, call(SKIPPED), card, turn('failed')], card)).toBeNull();
  const keys: MessagePart = { type: 'data-env', data: { id: 'e1', variables, state: 'skipped' } };
  const asked = call({ ...CUT_OFF, type: 'tool-ask_env_vars', input: { variables } });
  expect(whyUnanswered([asked, keys, turn('failed')], keys)).toBe('the agent was interrupted');
  expect([hasCard([keys], asked), hasCard([card], asked), hasCard([card], other)]).toEqual([true, false, false]);
});
