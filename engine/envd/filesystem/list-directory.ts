import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { asUser } from '../as-user.ts';
import { errnoCode, EnvdError } from '../http/errors.ts';
import type { User, Users } from '../users.ts';
import { readEntry } from './entry.ts';
import type { EntryInfo } from './messages.ts';

/** Most entries in one answer. */
const MAX_ENTRIES = 50_000;

/**
 * The entries below `path` down to `depth` levels, parents before children, in the order of their names.
 * @throws EnvdError not_found, invalid_argument when it is no directory, resource_exhausted beyond 50,000 entries.
 */
export async function listDirectory(path: string, depth: number, user: User, users: Users): Promise<EntryInfo[]> {
  const root = asUser(user, () => {
    if (!statSync(path).isDirectory()) throw new EnvdError('invalid_argument', `path '${path}' is not a directory`);
    return realpathSync(path);
  });
  const entries: EntryInfo[] = [];
  // Each folder is one synchronous step; others get their turn in between.
  const walk = async (folder: string, shown: string, levels: number): Promise<void> => {
    const found = asUser(user, () => readFolder(folder, shown, users, folder === root));
    for (const entry of found) {
      if (entries.length >= MAX_ENTRIES) {
        throw new EnvdError('resource_exhausted', `'${path}' has more than ${MAX_ENTRIES} entries: list less depth`);
      }
      entries.push(entry);
      if (levels > 1 && entry.permissions.startsWith('d')) {
        await setImmediate();
        await walk(join(folder, entry.name), entry.path, levels - 1);
      }
    }
  };
  await walk(root, path, depth);
  return entries;
}

function readFolder(folder: string, shown: string, users: Users, isRoot: boolean): EntryInfo[] {
  const entries: EntryInfo[] = [];
  for (const name of namesIn(folder, isRoot)) {
    try {
      entries.push({ ...readEntry(join(folder, name), users), path: join(shown, name) });
    } catch (error) {
      // Gone since the folder was read.
      if (errnoCode(error) !== 'ENOENT') throw error;
    }
  }
  return entries;
}

function namesIn(folder: string, isRoot: boolean): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    // A folder below that this user may not read, or that went away, is shown without its content.
    if (isRoot || !['EACCES', 'ENOENT', 'ENOTDIR'].includes(errnoCode(error) ?? '')) throw error;
    return [];
  }
}
