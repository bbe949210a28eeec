import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { asUser } from '../access/as-user.ts';
import type { Place } from '../access/reach.ts';
import type { User, Users } from '../users.ts';
import type { EntryInfo } from './messages.ts';
import { type Metadata, readMetadata } from './metadata.ts';

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

/** What a link leads to, as far as the user can see. */
function followLink(path: string): { target: string; stat: Stats; metadata: Metadata | undefined } | undefined {
  try {
    const target = realpathSync(path);
    return { target, stat: statSync(target), metadata: readMetadata(target) };
  } catch {
    return undefined;
  }
}

/**
 * Describes what is at a place without following it. A link has the type and mode of what it points to, as in E2B, and
 * is unspecified when that is missing.
 * @param shown The path that the caller knows it by.
 * @throws Error of lstat(2)
 */
export function readEntry(place: Place, shown: string, user: User, users: Users): EntryInfo {
  const stat = lstatSync(place.path);
  const name = basename(shown);
  const common = {
    name: name === '' ? '/' : name,
    path: shown,
    size: String(stat.size),
    permissions: permissionString(stat),
    owner: users.nameOf(stat.uid),
    group: users.groupNameOf(stat.gid),
    modifiedTime: stat.mtime.toISOString(),
  };
  if (!stat.isSymbolicLink()) {
    const metadata = readMetadata(place.path);
    return { ...common, type: fileType(stat), mode: stat.mode & 0o777, ...(metadata ? { metadata } : {}) };
  }
  // Root must not follow a link for somebody else.
  const link = place.asRoot ? asUser(user, () => followLink(place.path)) : followLink(place.path);
  if (!link) return { ...common, type: 'FILE_TYPE_UNSPECIFIED', mode: 0, symlinkTarget: shown };
  const { target, stat: pointed, metadata } = link;
  return {
    ...common,
    type: fileType(pointed),
    mode: pointed.mode & 0o777,
    symlinkTarget: target,
    ...(metadata ? { metadata } : {}),
  };
}
