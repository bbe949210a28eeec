import type { Git } from './git.ts';

/** A file of a tree: its mode and content, or undefined where there is none. */
export type TreeFile = { mode: string; object: string } | undefined;

/** `path` holds the name's bytes, one per character: git knows no encoding of names. */
export type TreeChange = { path: string; from: TreeFile; to: TreeFile; status: string };

const NONE = '000000';

/** What differs between two trees, file by file. */
export async function diffTrees(git: Git, from: string, to: string): Promise<TreeChange[]> {
  const output = await git.run(['diff-tree', '-r', '--raw', '-z', '--no-renames', '--no-abbrev', from, to]);
  const tokens = output.stdout.toString('latin1').split('\0');
  const changes: TreeChange[] = [];
  for (let index = 0; index + 1 < tokens.length; index += 2) {
    const [fromMode = NONE, toMode = NONE, fromObject = '', toObject = '', status = ''] = (tokens[index] ?? '')
      .slice(1)
      .split(' ');
    changes.push({
      path: tokens[index + 1] ?? '',
      from: fileOf(fromMode, fromObject),
      to: fileOf(toMode, toObject),
      status,
    });
  }
  return changes;
}

export const sameFile = (one: TreeFile, other: TreeFile) => one?.mode === other?.mode && one?.object === other?.object;

/** Files with secrets stay as they are, whatever the history says of them. */
export const isSecretFile = (path: string) =>
  /(^|\/)\.env(\.[^/]*)?$/i.test(path) && !/(^|\/)\.env\.example$/i.test(path);

/** Names as people read them. */
export const readable = (path: string) => Buffer.from(path, 'latin1').toString('utf8');

export async function listTree(git: Git, tree: string): Promise<Set<string>> {
  const output = await git.run(['ls-tree', '-r', '-z', '--name-only', '--full-tree', tree]);
  return new Set(output.stdout.toString('latin1').split('\0').filter(Boolean));
}

/** The tree with some of its files changed. Made in an index of its own. */
export async function applyChanges(git: Git, tree: string, changes: TreeChange[], indexFile: string): Promise<string> {
  const env = { GIT_INDEX_FILE: indexFile };
  await git.run(['read-tree', tree], { env });
  const zero = '0'.repeat(tree.length);
  // What goes comes first, so that a folder can take the place of a file.
  const lines = [...changes]
    .sort((one, other) => Number(one.to !== undefined) - Number(other.to !== undefined))
    .map(({ path, to }) => `${to?.mode ?? 0} ${to?.object ?? zero}\t${path}\0`);
  await git.run(['update-index', '-z', '--index-info'], { env, input: Buffer.from(lines.join(''), 'latin1') });
  return git.text(['write-tree'], { env });
}

function fileOf(mode: string, object: string): TreeFile {
  return mode === NONE ? undefined : { mode, object };
}
