import { expect, it } from 'vitest';
import { ConflictError, errorBody, errorStatus, UnavailableError } from './errors.ts';

it('shows code, message and next step of our errors', () => {
  const error = new ConflictError('taken', 'It is taken.', { next: 'Choose another.' });
  expect(errorBody(error)).toEqual({ error: { code: 'taken', message: 'It is taken.', next: 'Choose another.' } });
  expect(errorStatus(error)).toBe(409);
  expect(new UnavailableError('away', 'Away.').retryAfterSeconds).toBe(2);
});

it('shows nothing of a bug', () => {
  for (const bug of [new Error('password=hunter2'), 'hunter2', undefined, { message: 'hunter2' }]) {
    expect(JSON.stringify(errorBody(bug))).not.toContain('hunter2');
    expect(errorBody(bug).error.code).toBe('internal');
    expect(errorStatus(bug)).toBe(500);
  }
});
