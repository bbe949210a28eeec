import { expect, it } from 'vitest';
import { parseTemplateName } from './names.ts';

it.each([
  ['demo', { name: 'demo', tag: undefined }],
  ['Demo:v1.0', { name: 'demo', tag: 'v1.0' }],
  ['mastra-5e041282b68ff13a', { name: 'mastra-5e041282b68ff13a', tag: undefined }],
])('reads %s', (text, name) => {
  expect(parseTemplateName(text)).toEqual(name);
});

it.each(['', ':v1', 'a:', 'a:b:c', 'a/b', '../x', 'ä', 'a b'])('refuses %j', (text) => {
  expect(() => parseTemplateName(text)).toThrowError(expect.objectContaining({ code: 400 }));
});
