import { ApiError } from '../errors.ts';
import type { Git } from './git.ts';
import { diffTrees, isSecretFile, listTree, readable, sameFile, type TreeChange } from './tree-changes.ts';

const NAMED_FILES = 3;

/**
 * What takes back a commit in the files of now. A file that has changed since is neither overwritten nor merged by
 * guess: then nothing is done, and the person is told which.
 */
export async function invert(
  git: Git,
  commit: { before: string; after: string },
  current: string,
): Promise<TreeChange[]> {
  const since = new Map((await diffTrees(git, commit.after, current)).map((change) => [change.path, change.to]));
  const changes: TreeChange[] = [];
  const conflicts: string[] = [];
  for (const { path, from, to, status } of await diffTrees(git, commit.after, commit.before)) {
    const now = since.has(path) ? since.get(path) : from;
    if (isSecretFile(path) || sameFile(now, to)) continue;
    if (sameFile(now, from)) changes.push({ path, from, to, status });
    else conflicts.push(path);
  }
  if (since.size > 0) conflicts.push(...(await blocked(git, changes, current)));
  if (conflicts.length > 0) throw conflict(conflicts);
  return changes;
}

/** Files that would come back where there is a folder by now, or inside of what is a file by now. */
async function blocked(git: Git, changes: TreeChange[], current: string): Promise<string[]> {
  const gone = new Set(changes.flatMap(({ path, to }) => (to === undefined ? [path] : [])));
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of await listTree(git, current)) {
    if (gone.has(path)) continue;
    files.add(path);
    for (const folder of foldersOf(path)) folders.add(folder);
  }
  return changes
    .filter(
      ({ path, to }) => to !== undefined && (folders.has(path) || foldersOf(path).some((folder) => files.has(folder))),
    )
    .map(({ path }) => path);
}

function foldersOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join('/'));
}

function conflict(paths: string[]): ApiError {
  const names = paths.slice(0, NAMED_FILES).map((path) => `“${readable(path)}”`);
  const more = paths.length - names.length;
  const list = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const have = paths.length === 1 ? 'has' : 'have';
  return new ApiError(
    409,
    'undo_conflict',
    `${list} ${have} been changed since. Nothing was undone, so that this is kept.`,
    {
      next: 'Restore an earlier version from History, which keeps the newer one there, or change the file by hand.',
    },
  );
}
