import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { hasChat, showMessagesOnce } from './repeated-messages.ts';

const assets = join(dirname(createRequire(import.meta.url).resolve('mastra/package.json')), 'dist/studio/assets');
const scripts = readdirSync(assets)
  .filter((name) => name.endsWith('.js'))
  .map((name) => readFileSync(join(assets, name), 'utf8'));

type Message = { id: string; role: string; content: { parts: { type: string; text?: string }[] } };
const message = (id: string, role: string, text: string): Message => ({
  id,
  role,
  content: { parts: [{ type: 'step-start' }, { type: 'text', text }] },
});
const question = (id: string, text = 'Hello') => message(id, 'user', text);
const answer = (id: string) => message(id, 'assistant', 'Hello');

/** What the chat of the installed Studio shows after the history was read anew, once before as `former`. */
function merged(script: string, given: { former: Message[]; shown: Message[]; history: Message[] }): string[] {
  const merge = /new Map\((\w+)\.formattedMessages[^]*?;(\w+)\((\w+=>\{const [^]*?return\[[^]*?\]\})\)/.exec(script);
  const history = /new Set\((\w+)\.map/.exec(merge?.[3] ?? '')?.[1];
  const former = /const (\w+)=$/.exec(script.slice(0, merge?.index).slice(-20))?.[1];
  if (!merge || !history || !former) throw new Error('the merge was not found');
  const code = `const ${former}=new Map(given.former.map(m=>[m.id,m])),${history}=given.history;(${merge[3]})(given.shown)`;
  return (runInNewContext(code, { given }) as Message[]).map(({ id }) => id);
}

const chat = scripts.filter(hasChat);

test('is in one script of the installed Studio', () => {
  expect(chat).toHaveLength(1);
});

test('the first question of a thread is shown once when the history comes with its own id for it', () => {
  const given = { former: [], shown: [question('here'), answer('a')], history: [question('there'), answer('a')] };
  expect(merged(chat[0] ?? '', given)).toEqual(['there', 'a', 'here']);
  expect(merged(showMessagesOnce(chat[0] ?? ''), given)).toEqual(['there', 'a']);
});

test('what the history does not have yet stays, also when it was said before', () => {
  const script = showMessagesOnce(chat[0] ?? '');
  const before = [question('1'), answer('a')];
  const waiting = question('here');
  expect(merged(script, { former: before, shown: [...before, waiting], history: before })).toEqual(['1', 'a', 'here']);
  const other = question('here', 'Something else');
  const history = [...before, question('2')];
  expect(merged(script, { former: before, shown: [...before, other], history })).toEqual(['1', 'a', '2', 'here']);
  expect(merged(script, { former: [], shown: [answer('b')], history: before })).toEqual(['1', 'a', 'b']);
});

test('stops when Studio looks otherwise', () => {
  expect(() => showMessagesOnce('const a=1;')).toThrow('history');
});
