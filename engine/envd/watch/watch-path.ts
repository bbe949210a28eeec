import { type Stats, statfsSync, statSync } from 'node:fs';
import { reach } from '../access/reach.ts';
import { EnvdError, errnoCode } from '../http/errors.ts';
import { readEntry } from '../filesystem/entry.ts';
import type { EntryInfo } from '../filesystem/messages.ts';
import type { User, Users } from '../users.ts';

/** File systems that tell little or nothing of what others do there (linux/magic.h): NFS, CIFS, SMB, SMB2, FUSE. */
const NETWORK_TYPES = [0x6969, 0xff53_4d42, 0x517b, 0xfe53_4d42, 0x6573_5546];

/** @throws EnvdError not_found, invalid_argument unless `path` is a folder that may be watched */
export function requireWatchable(path: string, user: User, allowNetworkMounts: boolean): void {
  let found: { stat: Stats; type: number };
  try {
    found = reach(user, path, 'follow', (place) => ({
      stat: statSync(place.path),
      type: statfsSync(place.path).type >>> 0,
    }));
  } catch (error) {
    const code = errnoCode(error);
    if (code === undefined) throw error;
    if (code === 'ENOENT') throw new EnvdError('not_found', `path ${path} not found`);
    throw new EnvdError(code === 'EACCES' ? 'permission_denied' : 'internal', `error statting path ${path}: ${code}`);
  }
  if (!found.stat.isDirectory()) throw new EnvdError('invalid_argument', `path ${path} not a directory`);
  if (!allowNetworkMounts && NETWORK_TYPES.includes(found.type)) {
    throw new EnvdError('invalid_argument', `cannot watch path on network filesystem: ${path}`);
  }
}

/** The entries at `paths`, as far as they are there and the user can see them. */
export function readEntries(paths: Set<string>, user: User, users: Users): Map<string, EntryInfo> {
  const entries = new Map<string, EntryInfo>();
  for (const path of paths) {
    try {
      entries.set(
        path,
        reach(user, path, 'keep', (place) => readEntry(place, path, user, users)),
      );
    } catch {
      // An event without its entry is better than none.
    }
  }
  return entries;
}
