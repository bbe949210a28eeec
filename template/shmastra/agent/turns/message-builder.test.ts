import { expect, test } from 'vitest';
import { buildParts } from './message-builder.ts';

test('makes a message of chunks', () => {
  expect(
    buildParts([
      { type: 'start', messageId: 'm' },
      { type: 'start-step' },
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: 'hm' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'Hel' },
      { type: 'text-delta', id: 't', delta: 'lo' },
      { type: 'text-start', id: 'empty' },
      { type: 'tool-input-start', toolCallId: 'c', toolName: 'read_file' },
      { type: 'tool-input-available', toolCallId: 'c', toolName: 'read_file', input: { path: 'a' } },
      { type: 'tool-output-available', toolCallId: 'c', output: 'text' },
      { type: 'finish-step' },
    ]),
  ).toEqual([
    { type: 'step-start' },
    { type: 'reasoning', text: 'hm', state: 'done' },
    { type: 'text', text: 'Hello', state: 'done' },
    { type: 'tool-read_file', toolCallId: 'c', input: { path: 'a' }, state: 'output-available', output: 'text' },
  ]);
});

test('a data part takes the place of an earlier one with its id', () => {
  const items = (state: 'todo' | 'done') => ({ items: [{ id: '1', text: 'x', state }] });
  expect(
    buildParts([
      { type: 'data-plan', id: 'plan', data: items('todo') },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'x' },
      { type: 'data-plan', id: 'plan', data: items('done') },
    ]),
  ).toEqual([
    { type: 'data-plan', id: 'plan', data: items('done') },
    { type: 'text', text: 'x', state: 'done' },
  ]);
});

test('a call that came to no end has failed', () => {
  expect(buildParts([{ type: 'tool-input-start', toolCallId: 'c', toolName: 'run_command' }])).toMatchObject([
    { type: 'tool-run_command', state: 'output-error', input: {} },
  ]);
});
