import { say, use, type Play } from '../../play.ts';
import type { Scene, Script } from '../../script.ts';
import { fileText } from '../file-text.ts';
import { beginning } from './show-file.ts';

/** "Summarise the attached document": reads it with the tool for documents. */
export const summarizeDocument: Script = {
  name: 'summarise a document',
  when: (scene) =>
    /\b(summari[sz]e|sum up|what (?:does|is in)|read)\b/i.test(scene.question) &&
    /\b(attach\w*|document|pdf|docx)\b/i.test(scene.question),
  play,
};

function* play({ question }: Scene): Play {
  const result = yield* use('read_document', { id: /\bid[:=] ?"?([\w-]+)/i.exec(question)?.[1] ?? '' });
  if (result.failed) return yield* say(`The document could not be read: ${result.content.slice(0, 200)}`);
  yield* say(`the document begins like this: ${beginning(fileText(result))}`);
}
