import { describe, expect, it } from 'vitest';
import { checkTags, parseTemplateName, withoutNamespace } from './names.ts';

describe('parseTemplateName', () => {
  it.each([
    ['demo', { name: 'demo', tag: undefined }],
    [' Demo:V1.0 ', { name: 'demo', tag: 'v1.0' }],
    ['mastra-5e041282b68ff13a', { name: 'mastra-5e041282b68ff13a', tag: undefined }],
    ['Team/demo:v1', { name: 'team/demo', tag: 'v1' }],
  ])('reads %s', (text, name) => {
    expect(parseTemplateName(text)).toEqual(name);
  });

  it.each([
    ['', 'Invalid template reference: invalid template ID: '],
    ['a:', 'Invalid template reference: invalid tag: '],
    ['a:b:c', 'Invalid template reference: invalid tag: b:c'],
    ['/x', 'Invalid template reference: invalid namespace: '],
    ['a/b/c', 'Invalid template reference: invalid template ID: b/c'],
    ['../x', 'Invalid template reference: invalid namespace: ..'],
    ['ä', 'Invalid template reference: invalid template ID: ä'],
    ['a b', 'Invalid template reference: invalid template ID: a b'],
  ])('refuses %j', (text, message) => {
    expect(() => parseTemplateName(text)).toThrowError(expect.objectContaining({ code: 400, message }));
  });

  it('has no namespaces to make templates in', () => {
    expect(() => withoutNamespace(parseTemplateName('team/demo'))).toThrow(/no namespaces/);
  });
});

describe('checkTags', () => {
  it('cleans them and keeps each once', () => {
    expect(checkTags(['V1', ' v1', 'prod'])).toEqual(['v1', 'prod']);
  });
  it.each([
    ['a b', "Invalid tag: invalid tag 'a b': invalid tag: a b"],
    [
      '0190b5c8-7f0e-7b6a-8d5c-3e2f1a0b9c8d',
      "Invalid tag: invalid tag '0190b5c8-7f0e-7b6a-8d5c-3e2f1a0b9c8d': tag cannot be a UUID",
    ],
  ])('refuses %s', (tag, message) => {
    expect(() => checkTags([tag])).toThrow(message);
  });
});
