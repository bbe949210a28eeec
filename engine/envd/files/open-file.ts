import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  type Stats,
  statfsSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { asUser } from '../as-user.ts';
import { EnvdError, fromErrno } from '../http/errors.ts';
import type { User } from '../users.ts';

/** A path opened with the user's rights; the owner closes `fd`. */
export type OpenFile = { fd: number; stat: Stats };

function openRegular(path: string, flags: number): OpenFile {
  // O_NONBLOCK: a FIFO must not block the process.
  const fd = openSync(path, flags | constants.O_NONBLOCK, 0o666);
  const stat = fstatSync(fd);
  if (stat.isFile()) return { fd, stat };
  closeSync(fd);
  const what = stat.isDirectory() ? 'is a directory' : 'is not a regular file';
  throw new EnvdError('invalid_argument', `path '${path}' ${what}`);
}

/** @throws EnvdError not_found, invalid_argument for a directory, permission_denied */
export function openForReading(path: string, user: User): OpenFile {
  try {
    return asUser(user, () => openRegular(path, constants.O_RDONLY));
  } catch (error) {
    throw fromErrno(error, path);
  }
}

/**
 * Opens `path` empty, with its parent folders; new files and folders belong to `user`.
 * @param size Bytes that will come, as far as known: refused with 507 at once when they cannot fit.
 */
export function openForWriting(path: string, user: User, size: number | undefined): OpenFile & { discard: () => void } {
  try {
    return asUser(user, () => {
      mkdirSync(dirname(path), { recursive: true });
      if (size !== undefined) requireSpace(dirname(path), size);
      const isNew = statSync(path, { throwIfNoEntry: false }) === undefined;
      const file = openRegular(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC);
      return { ...file, discard: () => isNew && discard(path, user, file.stat) };
    });
  } catch (error) {
    throw fromErrno(error, path);
  }
}

function requireSpace(folder: string, size: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (size > free) {
    throw new EnvdError('resource_exhausted', `not enough disk space: ${size} bytes wanted, ${free} free`, 507);
  }
}

/** Removes what an upload that failed has left, unless something else is there by now. */
function discard(path: string, user: User, written: Stats): void {
  asUser(user, () => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.ino === written.ino && stat.dev === written.dev) unlinkSync(path);
  });
}
