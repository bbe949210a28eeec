import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Users } from '../users.ts';
import type { EntryInfo } from './messages.ts';

/** Go's letters for file types, which E2B's clients see in `permissions`. */
function typeLetters(stat: Stats): string {
  if (stat.isDirectory()) return 'd';
  if (stat.isSymbolicLink()) return 'L';
  if (stat.isFIFO()) return 'p';
  if (stat.isSocket()) return 'S';
  if (stat.isCharacterDevice()) return 'Dc';
  if (stat.isBlockDevice()) return 'D';
  return '';
}

/** The mode as Go prints it: `-rwxr-xr-x`, `drwxr-xr-x`, `urwxr-xr-x` for a set-uid program. */
export function permissionString(stat: Stats): string {
  const special = (stat.mode & 0o4000 ? 'u' : '') + (stat.mode & 0o2000 ? 'g' : '') + (stat.mode & 0o1000 ? 't' : '');
  const bits = [...'rwxrwxrwx'].map((letter, index) => (stat.mode & (0o400 >> index) ? letter : '-'));
  return (typeLetters(stat) + special || '-') + bits.join('');
}

function fileType(stat: Stats): EntryInfo['type'] {
  if (stat.isDirectory()) return 'FILE_TYPE_DIRECTORY';
  if (stat.isFile()) return 'FILE_TYPE_FILE';
  if (stat.isSymbolicLink()) return 'FILE_TYPE_SYMLINK';
  return 'FILE_TYPE_UNSPECIFIED';
}

function followLink(path: string): { target: string; stat: Stats } | undefined {
  try {
    return { target: realpathSync(path), stat: statSync(path) };
  } catch {
    return undefined;
  }
}

/**
 * Describes `path` without following it; a link has the type of what it points to, as in E2B, or is a symlink when
 * that is missing. Runs with the rights of the caller.
 */
export function readEntry(path: string, users: Users): EntryInfo {
  const stat = lstatSync(path);
  const link = stat.isSymbolicLink() ? followLink(path) : undefined;
  return {
    name: basename(path),
    type: fileType(link?.stat ?? stat),
    path,
    size: String(stat.size),
    mode: stat.mode & 0o777,
    permissions: permissionString(stat),
    owner: users.nameOf(stat.uid),
    group: users.groupNameOf(stat.gid),
    modifiedTime: stat.mtime.toISOString(),
    ...(link ? { symlinkTarget: link.target } : {}),
  };
}
