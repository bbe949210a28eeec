import { expect, test } from 'vitest';
import type { MessagePart } from '../api/shapes.ts';
import { layOut } from './layout.ts';

const tool = (name: string, state = 'output-available', more: object = {}): MessagePart => ({
  type: `tool-${name}`,
  toolCallId: `${name}-${Math.random()}`,
  state,
  input: {},
  ...more,
});
const kinds = (parts: MessagePart[]) => layOut(parts).map((block) => block.kind);
const diff = { file: 'a.ts', added: 1, removed: 0, patch: '', truncated: false, binary: false };

test('groups reads that follow each other, other calls stay rows', () => {
  const blocks = layOut([
    tool('read_file'),
    tool('read_file'),
    tool('list_files'),
    tool('write_file'),
    tool('read_file'),
  ]);
  expect(blocks.map((block) => block.kind)).toEqual(['reads', 'tool', 'tool']);
  expect(blocks[0]?.kind === 'reads' && blocks[0].parts).toHaveLength(3);
});

test('keeps the key of a row that becomes a group, so that it stays the same element', () => {
  const first = tool('read_file');
  expect(layOut([first])[0]?.key).toBe(layOut([first, tool('read_file')])[0]?.key);
});

test('shows a failed read on its own', () => {
  expect(kinds([tool('read_file'), tool('read_file', 'output-error', { errorText: 'no such file' })])).toEqual([
    'tool',
    'tool',
  ]);
});

test('makes one card of the diffs of a commit', () => {
  const blocks = layOut([
    { type: 'data-diff', data: diff },
    { type: 'data-diff', data: { ...diff, file: 'b.ts' } },
  ]);
  expect(blocks).toHaveLength(1);
});

test('leaves out what has a card of its own, unless it failed', () => {
  expect(kinds([tool('ask_user'), tool('update_plan')])).toEqual([]);
  expect(kinds([tool('ask_user', 'output-error', { errorText: 'x' })])).toEqual(['tool']);
  const errorText = 'The turn ended before this was done.';
  expect(kinds([tool('ask_user', 'output-error', { errorText })])).toEqual(['tool']);
  const question = { question: 'Which?', options: [], multiple: false };
  const card = { type: 'data-question', data: { ...question, id: 'q', state: 'skipped' } };
  expect(kinds([tool('ask_user', 'output-error', { errorText, input: question }), card])).toEqual(['question']);
  expect(kinds([tool('apply_changes')])).toEqual(['tool']);
  expect(kinds([tool('apply_changes'), { type: 'data-check', data: { ok: true, stages: [] } }])).toEqual(['check']);
});

test('shows what a turn is kept as before the notice of its end', () => {
  const notice = { type: 'data-notice', data: { kind: 'error', message: 'The agent was interrupted.' } };
  const check = { type: 'data-check', data: { ok: true, stages: [] } };
  const changed = { type: 'data-diff', data: diff };
  expect(kinds([{ type: 'text', text: 'I begin.' }, changed, notice, check, changed])).toEqual([
    ...['text', 'diffs', 'check', 'diffs', 'notice'],
  ]);
  expect(kinds([notice, { type: 'text', text: 'I can only look.' }, check, notice])).toEqual([
    ...['notice', 'text', 'check', 'notice'],
  ]);
});

test('shows nothing of parts that are not what they say', () => {
  expect(
    kinds([
      { type: 'data-commit', data: { hash: 1 } },
      { type: 'data-strange' },
      { type: 'text', text: 7 },
      { type: 'text', text: ' ' },
    ]),
  ).toEqual([]);
});
