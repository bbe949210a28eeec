import { expect, test } from 'vitest';
import { MAX_DEPTH } from './nesting.ts';
import { JsonScanner } from './scanner.ts';
import type { Found } from './value-capture.ts';
import { capture, keysOf, type Watch } from './watch.ts';

const watch: Watch = {
  exact: true,
  keys: keysOf({
    model: capture('model', 64),
    options: capture('options'),
    deep: { keys: keysOf({ n: capture('n') }), items: { keys: keysOf({ n: capture('n') }) } },
  }),
};

function scan(text: string | Uint8Array, size = Infinity) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const found: Found[] = [];
  const scanner = new JsonScanner(watch, (one) => found.push(one));
  for (let at = 0; at < bytes.length; at += size) if (!scanner.write(bytes.subarray(at, at + size))) break;
  return { complete: scanner.end(), problem: scanner.problem, found, doneAt: scanner.doneAt };
}
const values = (text: string, size?: number) => scan(text, size).found.map(({ name, value }) => [name, value]);

test.each([1, 2, 3, 7, Infinity])('tells watched values with their places, in pieces of %s bytes', (size) => {
  const text = ' {"a":{"model":"no"},"model" : "gpt-ä\\u0041","options":{"x":[1,{"y":null}]},"deep":[{"n":-1.5e2}]} ';
  const { complete, found, doneAt } = scan(text, size);
  expect(complete).toBe(true);
  expect(found.map(({ name, value }) => [name, value])).toEqual([
    ['model', 'gpt-äA'],
    ['options', { x: [1, { y: null }] }],
    ['n', -150],
  ]);
  const bytes = new TextEncoder().encode(text);
  for (const { start, end, value } of found) {
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)))).toEqual(value);
  }
  expect(new TextDecoder().decode(bytes.subarray(0, doneAt))).toBe(text.trimEnd());
});

test('reads escaped keys as what they are', () => {
  expect(values('{"\\u006dodel":"x"}')).toEqual([['model', 'x']]);
  expect(values('{"mo\\/del":"x"}')).toEqual([]);
});

test.each([
  ['{"model":"a","model":"b"}', 'duplicate_key'],
  ['{"model":"a","\\u006dodel":"b"}', 'duplicate_key'],
  ['{"deep":{"n":1},"deep":{"n":2}}', 'duplicate_key'],
  ['{"Model":"a"}', 'ambiguous_key'],
  ['{"MODEL":"a","model":"b"}', 'ambiguous_key'],
  ['{"option\u017f":1}', 'ambiguous_key'],
  ['[' + '['.repeat(MAX_DEPTH), 'too_deep'],
  ['{"a":'.repeat(MAX_DEPTH + 1), 'too_deep'],
])('refuses %s', (text, problem) => {
  for (const size of [1, 5, Infinity]) expect(scan(text, size).problem).toBe(problem);
});

test.each([
  '',
  ' ',
  '\ufeff{}',
  '{',
  '{}}',
  '{}{}',
  '{"a":1,}',
  '{"a" 1}',
  '{a:1}',
  "{'a':1}",
  '[1,]',
  '[,1]',
  '[1 2]',
  '[}',
  '01',
  '1.',
  '.5',
  '-',
  '1e',
  '+1',
  'NaN',
  'Infinity',
  'nul',
  'True',
  '"\u0001"',
  '"\\x"',
  '"\\u12g4"',
  '"a',
  '{"a":1}//',
  '/**/{}',
])('takes %j for no JSON', (text) => {
  for (const size of [1, Infinity]) expect(scan(text, size).complete).toBe(false);
});

test('refuses a watched key that is not UTF-8, which receivers may repair', () => {
  const bytes = new Uint8Array([...new TextEncoder().encode('{"mod'), 0xff, ...new TextEncoder().encode('el":1}')]);
  expect(scan(bytes).problem).toBe('not_json');
});

test('tells only the presence of long values, and keeps none of them', () => {
  const { found, complete } = scan(`{"model":"${'x'.repeat(1_000_000)}","deep":{"n":1}}`, 1000);
  expect(complete).toBe(true);
  expect(found.map(({ name, value }) => [name, value])).toEqual([
    ['model', undefined],
    ['n', 1],
  ]);
});
