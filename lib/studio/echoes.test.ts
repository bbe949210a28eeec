import { expect, test } from 'vitest';
import { type Message, withoutEchoes } from './echoes.ts';

const message = (id: string, role: string, text: string): Message => ({
  id,
  role,
  content: { parts: [{ type: 'step-start' }, { type: 'text', text }] },
});
const question = (id: string, text = 'Hello') => message(id, 'user', text);
const answer = (id: string) => message(id, 'assistant', 'Hello');
const picture = (id: string): Message => ({ id, role: 'user', content: { parts: [{ type: 'file' }] } });

/** Ids of what stays of `shown` beside a history of which `former` was known. */
function left(given: { former?: Message[]; shown: Message[]; history: Message[] }): string[] {
  const former = new Map((given.former ?? []).map((one) => [one.id, one]));
  return withoutEchoes(given.shown, given.history, former).map(({ id }) => id);
}

const before = [question('1'), answer('a')];

test('a message that has come back under another id is left out', () => {
  expect(left({ shown: [question('here'), answer('b')], history: [question('there')] })).toEqual(['b']);
  expect(left({ former: before, shown: [question('here')], history: [...before, question('2')] })).toEqual([]);
});

test('what the history does not have yet stays, also when the same was said before', () => {
  expect(left({ former: before, shown: [question('here')], history: before })).toEqual(['here']);
  expect(left({ former: before, shown: [question('here', 'Else')], history: [...before, question('2')] })).toEqual([
    'here',
  ]);
});

test('each takes one with it, the oldest', () => {
  const shown = [question('here'), question('again')];
  expect(left({ shown, history: [question('1')] })).toEqual(['again']);
  expect(left({ shown, history: [question('1'), answer('a'), question('2')] })).toEqual([]);
});

test('older messages that are read later take nothing with them', () => {
  const history = [question('0'), answer('z'), ...before];
  expect(left({ former: before, shown: [question('here'), answer('b')], history })).toEqual(['here', 'b']);
});

test('pictures without a word are told apart by number alone, and from words', () => {
  expect(left({ shown: [picture('here'), picture('also')], history: [picture('1')] })).toEqual(['also']);
  expect(left({ shown: [question('here', '')], history: [picture('1')] })).toEqual(['here']);
});
