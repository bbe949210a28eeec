import { say, use } from '../../play.ts';
import { resultText } from '../../result-text.ts';
import type { Script } from '../../script.ts';

/** "Undo that": takes back the last change. */
export const undo: Script = {
  name: 'undo',
  when: /^\W*(please )?(undo\b|revert\b|take (that|it|this) back)/i,
  *play() {
    const result = yield* use('undo');
    yield* say(result.failed ? resultText([result]) : 'the last change is undone. Redo brings it back.');
  },
};
