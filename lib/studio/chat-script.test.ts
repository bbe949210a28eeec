import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { hasChat, showMessagesOnce } from './chat-script.ts';

const assets = join(dirname(createRequire(import.meta.url).resolve('mastra/package.json')), 'dist/studio/assets');
const chat = readdirSync(assets)
  .filter((name) => name.endsWith('.js'))
  .map((name) => readFileSync(join(assets, name), 'utf8'))
  .filter(hasChat);

const message = (id: string, role: string) => ({ id, role, content: { parts: [{ type: 'text', text: 'Hello' }] } });

/** Ids of what the chat shows, whose history was read for the first time while a question and its answer were shown. */
function merged(script: string): string[] {
  const merge = /(\w+)=new Map\(\w+\.formattedMessages[^]*?;\w+\((\w+=>\{const [^]*?return\[[^]*?\]\})\),I\(/.exec(
    script,
  );
  const history = /new Set\((\w+)\.map/.exec(merge?.[2] ?? '')?.[1];
  if (!merge || !history) throw new Error('the merge was not found');
  const given = {
    shown: [message('here', 'user'), message('a', 'assistant')],
    history: [message('there', 'user'), message('a', 'assistant')],
  };
  const code = `const ${merge[1]}=new Map(),${history}=given.history;(${merge[2]})(given.shown)`;
  return (runInNewContext(code, { given }) as { id: string }[]).map(({ id }) => id);
}

test('the chat is in one script of the installed Studio', () => {
  expect(chat).toHaveLength(1);
});

test('a question is shown once when the history comes with an id of its own for it', () => {
  expect(merged(chat[0] ?? '')).toEqual(['there', 'a', 'here']);
  expect(merged(showMessagesOnce(chat[0] ?? ''))).toEqual(['there', 'a']);
});

test('stops when Studio looks otherwise', () => {
  expect(() => showMessagesOnce('const a=1;')).toThrow('history');
});
