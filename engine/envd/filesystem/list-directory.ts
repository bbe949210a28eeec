import { closeSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { asUser } from '../access/as-user.ts';
import { folderEntries } from '../access/folder-entries.ts';
import { openFolder, type Place, reach } from '../access/reach.ts';
import { errnoCode, EnvdError } from '../http/errors.ts';
import type { User, Users } from '../users.ts';
import { readEntry } from './entry.ts';
import type { EntryInfo } from './messages.ts';

/** Most entries in one answer. */
const MAX_ENTRIES = 50_000;
/** Entries that are read in one go before others get their turn. */
const BATCH = 500;

/**
 * The entries below `path` down to `depth` levels, parents before children, in the order of their names. Links below are
 * not followed.
 * @throws EnvdError not_found, invalid_argument when it is no directory, resource_exhausted beyond 50,000 entries.
 */
export async function listDirectory(path: string, depth: number, user: User, users: Users): Promise<EntryInfo[]> {
  reach(user, path, 'follow', (place) => {
    if (statSync(place.path).isDirectory()) return;
    throw new EnvdError('invalid_argument', `path is not a directory: ${path}`);
  });
  const entries: EntryInfo[] = [];
  let seen = 0;
  const count = () => {
    if (++seen <= MAX_ENTRIES) return;
    throw new EnvdError('resource_exhausted', `'${path}' has more than ${MAX_ENTRIES} entries: list less depth`);
  };
  const walk = async (folder: string, levels: number): Promise<void> => {
    for (const entry of await readFolder(folder, folder === path, user, users, count)) {
      entries.push(entry);
      if (levels > 1 && entry.permissions.startsWith('d')) await walk(entry.path, levels - 1);
    }
  };
  await walk(path, depth);
  return entries;
}

/** The entries of one folder; it stays open while it is read, so that it is one and the same. */
async function readFolder(
  folder: string,
  isRoot: boolean,
  user: User,
  users: Users,
  count: () => void,
): Promise<EntryInfo[]> {
  const opened = openListed(folder, user, isRoot);
  if (!opened) return [];
  const { fd, asRoot } = opened;
  const as: <Result>(action: () => Result) => Result = asRoot ? (action) => action() : (action) => asUser(user, action);
  const entries: EntryInfo[] = [];
  try {
    const names: string[] = [];
    as(() => {
      for (const { name } of folderEntries(`/proc/self/fd/${fd}`)) {
        names.push(name);
        count();
      }
    });
    names.sort();
    for (let from = 0; from < names.length; from += BATCH) {
      as(() => {
        for (const name of names.slice(from, from + BATCH)) {
          const place: Place = { path: `/proc/self/fd/${fd}/${name}`, asRoot, mayBeLinked: false };
          entries.push(...entryOf(place, join(folder, name), user, users));
        }
      });
      await setImmediate();
    }
  } finally {
    closeSync(fd);
  }
  return entries;
}

function openListed(folder: string, user: User, isRoot: boolean): { fd: number; asRoot: boolean } | undefined {
  try {
    return openFolder(user, folder, isRoot ? 'follow' : 'keep');
  } catch (error) {
    // A folder below that this user may not read, or that went away, is shown without its content.
    if (isRoot || !['EACCES', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(errnoCode(error) ?? ''))
      throw error;
    return undefined;
  }
}

function entryOf(place: Place, shown: string, user: User, users: Users): EntryInfo[] {
  try {
    return [readEntry(place, shown, user, users)];
  } catch (error) {
    // Gone since the folder was read.
    if (errnoCode(error) !== 'ENOENT') throw error;
    return [];
  }
}
