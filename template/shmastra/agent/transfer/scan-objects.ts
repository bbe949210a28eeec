import type { Git } from '../history/git.ts';
import type { Secret } from './secret-values.ts';

export type NamedObject = { object: string; name: string };

/** Looks into objects of the repository for the values of secrets. Gives the first one found, and where. */
export async function findSecret(
  git: Git,
  objects: NamedObject[],
  secrets: Secret[],
): Promise<{ file: string; secret: string } | undefined> {
  if (secrets.length === 0 || objects.length === 0) return undefined;
  const names = new Map(objects.map(({ object, name }) => [object, name]));
  const wanted = secrets.map(({ name, value }) => ({ name, bytes: Buffer.from(value) }));
  const overlap = Math.max(...wanted.map(({ bytes }) => bytes.length)) - 1;
  const output = git.stream(['cat-file', '--batch', '--buffer'], {
    input: [...names.keys()].map((object) => `${object}\n`).join(''),
  });
  let object = '';
  // A value may begin in one part of a file and end in the next.
  let before: Buffer = Buffer.alloc(0);
  for await (const part of readBatch(output)) {
    if (part.kind === 'header') {
      object = part.object;
      before = Buffer.alloc(0);
      continue;
    }
    const bytes = Buffer.concat([before, part.bytes]);
    const found = wanted.find((secret) => bytes.includes(secret.bytes));
    if (found !== undefined) return { file: names.get(object) ?? object, secret: found.name };
    before = Buffer.from(bytes.subarray(Math.max(0, bytes.length - overlap)));
  }
  return undefined;
}

type Part = { kind: 'header'; object: string } | { kind: 'content'; bytes: Buffer };

/** Takes apart what `cat-file --batch` writes: a line about each object, its content, and a newline. */
async function* readBatch(output: AsyncIterable<Buffer>): AsyncGenerator<Part> {
  let pending: Buffer = Buffer.alloc(0);
  let content = 0;
  let separator = 0;
  for await (const chunk of output) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      if (content > 0) {
        if (pending.length === 0) break;
        const bytes = pending.subarray(0, content);
        content -= bytes.length;
        pending = pending.subarray(bytes.length);
        yield { kind: 'content', bytes };
      } else if (separator > 0) {
        if (pending.length === 0) break;
        pending = pending.subarray(1);
        separator = 0;
      } else {
        const end = pending.indexOf('\n');
        if (end === -1) break;
        const [object = '', , size] = pending.toString('latin1', 0, end).split(' ');
        pending = pending.subarray(end + 1);
        // An object that is missing has no size, and no content.
        if (size === undefined || !/^\d+$/.test(size)) continue;
        content = Number(size);
        separator = 1;
        yield { kind: 'header', object };
      }
    }
  }
}
