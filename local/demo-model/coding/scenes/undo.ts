import { say, use } from '../../play.ts';
import type { Script } from '../../script.ts';
import { field, parseJson } from '../json.ts';

/** "Undo that": takes back the last change. */
export const undo: Script = {
  name: 'undo',
  when: /^\W*(please )?(undo\b|revert\b|take (that|it|this) back)/i,
  *play() {
    const result = yield* use('undo');
    const undone = field(parseJson(result.content), 'undone');
    if (typeof undone !== 'string') return yield* say(`Nothing was undone: ${result.content.slice(0, 200)}`);
    yield* say(`“${undone}” is undone. The history can bring it back.`);
  },
};
