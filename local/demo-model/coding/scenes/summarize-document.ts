import { say, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { field, parseJson } from '../json.ts';
import { beginning } from './show-file.ts';

/** "Summarise the attached document": reads it with the tool for documents. */
export const summarizeDocument: Script = {
  name: 'summarise a document',
  when: (scene) =>
    /\b(summari[sz]e|sum up|what (?:does|is in)|read)\b/i.test(scene.question) &&
    /\b(attach\w*|document|pdf|docx)\b/i.test(scene.question),
  play,
};

function* play({ attached }: Scene): Play {
  const id = /\bid: ([\w-]+)/.exec(attached)?.[1];
  if (id === undefined) return yield* say('I see no attached document. Attach it to your message, and ask again.');
  const result = yield* use('read_document', { id });
  const text = field(parseJson(result.content), 'text');
  if (typeof text !== 'string') return yield* say(`The document could not be read: ${result.content.slice(0, 200)}`);
  yield* say(`the document begins like this: ${beginning(text)}`);
}
