import { expect, test } from 'vitest';
import type { ToolPart } from '../api/parts.ts';
import { countOf, readsTitle, toolObject, toolResult, toolState, toolWords, valueText } from './tools.ts';

const part = (more: Partial<ToolPart>): ToolPart => ({
  type: 'tool-read_file',
  toolCallId: '1',
  state: 'output-available',
  ...more,
});

test('says what a tool does, also one it does not know', () => {
  expect(toolWords('read_file')).toMatchObject({ doing: 'Reading', did: 'Read' });
  expect(toolWords('ask_user').did).toBe('Asked you');
  expect(toolWords('ask_env_vars').did).toBe('Asked for keys');
  expect(toolWords('send_letter')).toMatchObject({ did: 'Send letter' });
});

test('names the object and the result of a call', () => {
  expect(toolObject(part({ input: { path: 'src/a.ts' } }))).toBe('src/a.ts');
  expect(toolObject(part({ input: 'text' }))).toBe('');
  expect(toolResult(part({ output: { lines: 1 } }))).toBe('1 line');
  expect(toolResult(part({ output: { matches: [1, 2] } }))).toBe('2 matches');
  expect(toolResult(part({ output: { exitCode: 2 } }))).toBe('Exit 2');
});

test('knows a failed command from a done one', () => {
  expect(toolState(part({ output: { exitCode: 0 } }))).toBe('ok');
  expect(toolState(part({ output: { exitCode: 1 } }))).toBe('failed');
  expect(toolState(part({ state: 'output-error' }))).toBe('failed');
  expect(toolState(part({ state: 'input-available' }))).toBe('running');
  expect(toolState(part({ preliminary: true }))).toBe('running');
});

test('a call that the end of its turn cut off did not fail', () => {
  const cutOff = part({ state: 'output-error', errorText: 'The turn ended before this was done.' });
  expect(toolState(cutOff)).toBe('running');
  expect(toolResult(cutOff)).toBe('');
});

test('counts reads by what they were', () => {
  const reads = (...names: string[]) => names.map((name) => part({ type: `tool-${name}` }));
  expect(readsTitle(reads('read_file', 'read_file'))).toBe('Read 2 files');
  expect(readsTitle(reads('list_files', 'search_files', 'search_files'))).toBe('Listed 1 folder, searched 2 times');
  expect(countOf(2, 'entry')).toBe('2 entries');
});

test('shows text as text, and not more than can be read', () => {
  expect(valueText({ stdout: 'out', stderr: 'err', exitCode: 1 })).toBe('out\nerr');
  expect(valueText({ a: 1 })).toBe('{\n  "a": 1\n}');
  expect(valueText('x'.repeat(7000))).toMatch(/1000 more characters$/);
});
