import { closeSync, constants, fchownSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { EnvdError, errnoCode } from '../http/errors.ts';
import type { User } from '../users.ts';
import { asUser } from './as-user.ts';
import { folderEntries } from './folder-entries.ts';
import { type Pin, pin, UntrustedLinkError } from './pin.ts';
import { canBeRoot } from './reach.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
const MODE = 0o755;

/**
 * Makes the folder at the absolute `path` and those above it; new ones belong to `user`, also where he could not make
 * them himself, as in E2B.
 * @throws EnvdError internal when a file is in the way, errors of the system calls
 */
export function makeFolders(path: string, user: User): void {
  try {
    asUser(user, () => mkdirSync(path, { recursive: true, mode: MODE }));
  } catch (error) {
    const code = errnoCode(error) ?? '';
    if (['EEXIST', 'ENOTDIR'].includes(code))
      throw new EnvdError('internal', `error ensuring directories: path is a file: ${path}`);
    if (!['EACCES', 'EPERM'].includes(code) || !canBeRoot(user)) throw error;
    try {
      makeAsRoot(path, user);
    } catch (problem) {
      throw problem instanceof UntrustedLinkError ? error : problem;
    }
  }
}

function makeAsRoot(path: string, user: User): void {
  const place = pinOrMake(path, user);
  try {
    mkdirSync(place.path, { mode: MODE });
    const fd = openSync(place.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      requireNew(fd, path);
      fchownSync(fd, user.uid, user.gid);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (errnoCode(error) !== 'EEXIST') throw error;
    if (!lstatSync(place.path).isDirectory()) {
      throw new EnvdError('internal', `error ensuring directories: path is a file: ${path}`);
    }
  } finally {
    place.close();
  }
}

/** Whoever owns the folder above could have put another of root's folders into the place of the new one. */
function requireNew(fd: number, path: string): void {
  const [entry] = folderEntries(`/proc/self/fd/${fd}`);
  if (entry) throw Object.assign(new Error(`'${path}' was replaced while it was made`), { code: 'EACCES' });
}

/** The place of `path`, in folders that are made when they are missing. */
function pinOrMake(path: string, user: User): Pin {
  try {
    return pin(path, 'follow');
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT' || path === '/') throw error;
    makeAsRoot(dirname(path), user);
    return pin(path, 'follow');
  }
}
