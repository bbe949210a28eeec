import { expect, test } from 'vitest';
import { Redactor } from './redactor.ts';

const redactor = new Redactor(() => [
  ...Object.entries({
    API_KEY: 'secret-value-1',
    LONGER_KEY: 'secret-value-1-and-more',
    SHORT: 'abc',
    BASE_URL: 'http://gateway.example',
    DATABASE_URL: 'postgres://me:pass@db/x',
  }),
  ['API_KEY', 'another-value'],
]);

test('takes secrets out of all texts of a value, the longest first', () => {
  expect(redactor.redact({ a: ['x secret-value-1-and-more y'], b: { c: 'secret-value-1', d: 1, e: null } })).toEqual({
    a: ['x [value of LONGER_KEY] y'],
    b: { c: '[value of API_KEY]', d: 1, e: null },
  });
});

test('takes out each value of a name', () => {
  expect(redactor.redactText('secret-value-1 another-value')).toBe('[value of API_KEY] [value of API_KEY]');
});

test('leaves words and addresses alone', () => {
  expect(redactor.redactText('postgres://me:pass@db/x')).toBe('[value of DATABASE_URL]');
  expect(redactor.redactText('abc at http://gateway.example')).toBe('abc at http://gateway.example');
});
