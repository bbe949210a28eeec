import { say, use, type Play } from '../../play.ts';
import type { Script } from '../../script.ts';
import { tellError, type SourceError } from '../check.ts';
import { apply, editing, read, tellFailedCheck } from '../files.ts';

/** "The project does not start, fix it": an import that leads nowhere, mended by the file whose name is the nearest. */
export const fixImport: Script = {
  name: 'fix an import',
  when: /\b(fix|repair|mend)\b|\b(does not|doesn't) (start|work|build)\b/i,
  play,
};

function* play(): Play {
  yield* say('I have the project checked to see what is wrong.');
  const check = yield* apply('Check the project');
  if (check.ok) return yield* say('Every check passes: nothing is broken.');
  const broken = check.errors.map(importIn).find((found) => found !== undefined);
  if (!broken) return yield* tellFailedCheck(check);
  yield* say(`${tellError(broken.error)}`);
  const source = yield* read(broken.file);
  const folder = new URL(broken.specifier, `file:///${broken.file}`).pathname
    .slice(1)
    .split('/')
    .slice(0, -1)
    .join('/');
  const listing = yield* use('list_files', { path: folder });
  const name = nearest(broken.specifier.split('/').at(-1) ?? '', namesIn(listing.content));
  if (name === undefined || !source.includes(broken.specifier)) {
    return yield* say(`I found no file that ${broken.specifier} may have meant. A real model would look further.`);
  }
  const meant = broken.specifier.replace(/[^/]+$/, name);
  yield* use('edit_file', editing(broken.file, { old: `'${broken.specifier}'`, new: `'${meant}'` }).arguments);
  const again = yield* apply(`Import ${meant} in ${broken.file.split('/').at(-1)}`);
  if (!again.ok) return yield* tellFailedCheck(again);
  yield* say(
    `${broken.file} imported ${broken.specifier}, which does not exist. It was ${meant}. The project works again.`,
  );
}

type Broken = { error: SourceError; file: string; specifier: string };

function importIn(error: SourceError): Broken | undefined {
  const specifier = /["'](\.{1,2}\/[^"']+)["']/.exec(error.message)?.[1];
  return specifier === undefined || error.file === undefined ? undefined : { error, file: error.file, specifier };
}

const namesIn = (listing: string): string[] =>
  [...listing.matchAll(/([\w-]+)\.tsx?\b/g)].flatMap(([, name]) =>
    name === undefined || name === 'index' ? [] : [name],
  );

/** The name that shares the most letters at its beginning and its end. */
function nearest(wanted: string, names: readonly string[]): string | undefined {
  const shared = (name: string): number => {
    const least = Math.min(name.length, wanted.length);
    let begin = 0;
    while (begin < least && name[begin] === wanted[begin]) begin += 1;
    let end = 0;
    while (end < least - begin && name.at(-1 - end) === wanted.at(-1 - end)) end += 1;
    return begin + end;
  };
  const best = names.toSorted((one, other) => shared(other) - shared(one))[0];
  return best !== undefined && shared(best) >= wanted.length / 2 ? best : undefined;
}
