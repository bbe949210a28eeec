import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  type Stats,
  statfsSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from '../access/make-folders.ts';
import { type Place, reach } from '../access/reach.ts';
import { EnvdError, errnoCode, fromErrno } from '../http/errors.ts';
import type { User } from '../users.ts';

/** An opened file; the owner closes `fd`. */
export type OpenFile = { fd: number; stat: Stats };

const { O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

function openRegular(place: Place, shown: string, flags: number, user: User): OpenFile {
  // A FIFO must not block the process, and a terminal not become its own: it leads a session.
  const fd = openSync(place.path, flags | O_NONBLOCK | O_NOCTTY | (place.asRoot ? O_NOFOLLOW : 0), 0o666);
  const stat = fstatSync(fd);
  const isForeign = place.mayBeLinked && stat.nlink > 1 && stat.uid !== user.uid;
  if (stat.isFile() && !isForeign) return { fd, stat };
  closeSync(fd);
  if (isForeign && stat.isFile()) throw Object.assign(new Error('may be linked by another'), { code: 'EACCES' });
  const what = stat.isDirectory() ? 'is a directory' : 'is not a regular file';
  throw new EnvdError('invalid_argument', `path '${shown}' ${what}`);
}

/** @throws EnvdError not_found, invalid_argument for a directory, permission_denied */
export function openForReading(path: string, user: User): OpenFile {
  try {
    return reach(user, path, 'follow', (place) => openRegular(place, path, O_RDONLY, user));
  } catch (error) {
    throw fromErrno(error, path);
  }
}

export type NewFile = OpenFile & { isNew: boolean; discard: () => void };

/**
 * Opens `path` empty, with its parent folders; what is new belongs to `user`, and so does what he could not have written
 * to himself, as in E2B.
 * @param size Bytes that will come, as far as known: refused with 507 at once when they cannot fit.
 */
export function openForWriting(path: string, user: User, size: number | undefined): NewFile {
  try {
    makeFolders(dirname(path), user);
    return reach(user, path, 'follow', (place) => {
      if (size !== undefined) requireSpace(dirname(place.path), size);
      const find = place.asRoot ? lstatSync : statSync;
      const isNew = find(place.path, { throwIfNoEntry: false }) === undefined;
      const file = openRegular(place, path, O_WRONLY | O_CREAT, user);
      try {
        // First of all: its new owner must not read what root had in it.
        ftruncateSync(file.fd);
        if (place.asRoot) fchownSync(file.fd, user.uid, user.gid);
      } catch (error) {
        closeSync(file.fd);
        throw error;
      }
      return { ...file, isNew, discard: () => isNew && discard(path, user, file.stat) };
    });
  } catch (error) {
    // The folder can be there and the file not: opening a directory to write to it.
    if (errnoCode(error) === 'EISDIR') throw new EnvdError('invalid_argument', `path is a directory: ${path}`);
    throw fromErrno(error, path);
  }
}

function requireSpace(folder: string, size: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (size > bavail * bsize) {
    throw new EnvdError('resource_exhausted', `attempted to write ${size} bytes: not enough disk space available`, 507);
  }
}

/** Removes what an upload that failed has left, unless something else is there by now. */
function discard(path: string, user: User, written: Stats): void {
  try {
    reach(user, path, 'follow', (place) => {
      const stat = lstatSync(place.path, { throwIfNoEntry: false });
      if (stat?.ino === written.ino && stat.dev === written.dev) unlinkSync(place.path);
    });
  } catch {
    // It can stay: the answer is an error anyway.
  }
}
