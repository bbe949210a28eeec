import { say, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { fileText } from '../file-text.ts';
import { field, parseJson } from '../json.ts';

const FILE = /(?:^|[\s"'`“])((?:[\w-]+\/)*[\w-]*\.[A-Za-z]{2,5}(?:\.[a-z]+)?)(?=$|[\s"'`”,.?!])/;
const SENTENCES = 2;

/** "Summarise notes.md", "show me .env": reads a file of the project and says how it begins. */
export const showFile: Script = {
  name: 'show a file',
  when: (scene) =>
    /\b(show|read|print|open|tell|summari[sz]e|sum up|what)\b/i.test(scene.question) && FILE.test(scene.question),
  play,
};

function* play({ question }: Scene): Play {
  const path = FILE.exec(question)?.[1] ?? '';
  const result = yield* use('read_file', { path });
  if (typeof field(parseJson(result.content), 'content') !== 'string')
    return yield* say(`${path} could not be read: ${result.content.slice(0, 200)}`);
  yield* say(`${path} begins like this: ${beginning(fileText(result))}`);
}

export function beginning(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain
    .split(/(?<=[.!?])\s+/)
    .slice(0, SENTENCES)
    .join(' ')
    .slice(0, 600);
}
