import type { Git } from './git.ts';
import { diffTrees, readable } from './tree-changes.ts';
import type { FileDiff } from './types.ts';

export const MAX_PATCH_CHARACTERS = 40_000;
const MAX_FILES = 500;
const MAX_PATCH_BYTES = 8 * 1024 * 1024;

/** What differs between two trees, for people: at most 500 files, each with the beginning of its patch. */
export async function diffFiles(git: Git, from: string, to: string): Promise<FileDiff[]> {
  const changes = (await diffTrees(git, from, to)).slice(0, MAX_FILES);
  const [sizes, sections] = await Promise.all([readSizes(git, from, to), readSections(git, from, to)]);
  let next = 0;
  return changes.map(({ path, status }) => {
    // A file that becomes a link is one that goes and one that comes.
    const own = sections.slice(next, next + (status === 'T' ? 2 : 1));
    next += status === 'T' ? 2 : 1;
    const { added, removed, binary } = sizes.get(path) ?? { added: 0, removed: 0, binary: false };
    const patch = binary ? '' : own.map(({ text }) => text).join('');
    return {
      file: readable(path),
      added,
      removed,
      patch: cut(patch),
      truncated: patch.length > MAX_PATCH_CHARACTERS || own.length === 0 || own.some(({ complete }) => !complete),
      binary,
    };
  });
}

type Section = { text: string; complete: boolean };

/** The patch of each file, in the order of the files. What is beyond the bound is left out. */
async function readSections(git: Git, from: string, to: string): Promise<Section[]> {
  const output = await git.run(
    [
      'diff-tree',
      '-r',
      '-p',
      '--no-renames',
      '--no-color',
      '--no-ext-diff',
      '--no-textconv',
      '--src-prefix=a/',
      '--dst-prefix=b/',
      from,
      to,
    ],
    { maxBytes: MAX_PATCH_BYTES, truncate: true },
  );
  // Lines of files have a sign in front of them: only a header begins like this.
  const texts = output.stdout
    .toString('utf8')
    .split(/^(?=diff --git )/m)
    .filter(Boolean);
  return texts.map((text, index) => ({ text, complete: !output.truncated || index < texts.length - 1 }));
}

type Size = { added: number; removed: number; binary: boolean };

async function readSizes(git: Git, from: string, to: string): Promise<Map<string, Size>> {
  const output = await git.run(['diff-tree', '-r', '--numstat', '-z', '--no-renames', from, to]);
  const sizes = new Map<string, Size>();
  for (const token of output.stdout.toString('latin1').split('\0')) {
    const found = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(token);
    if (found === null) continue;
    const [, added = '', removed = '', path = ''] = found;
    sizes.set(path, { added: Number(added) || 0, removed: Number(removed) || 0, binary: added === '-' });
  }
  return sizes;
}

/** Cuts at the end of a line, so that what is left reads as a patch. */
function cut(patch: string): string {
  if (patch.length <= MAX_PATCH_CHARACTERS) return patch;
  const end = patch.lastIndexOf('\n', MAX_PATCH_CHARACTERS);
  return patch.slice(0, end > 0 ? end + 1 : MAX_PATCH_CHARACTERS);
}
