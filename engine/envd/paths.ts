import { posix } from 'node:path';
import { EnvdError } from './http/errors.ts';
import type { User } from './users.ts';

/** Longest path that Linux takes (PATH_MAX). */
const MAX_PATH_BYTES = 4096;

/**
 * The absolute path that a caller means, as E2B's envd takes it: no path is the default working folder (the template's
 * WORKDIR, else home), `~` and what is relative start in the user's home.
 * @throws EnvdError invalid_argument
 */
export function resolvePath(path: string, user: User, workdir?: string | undefined): string {
  if (path.includes('\0')) throw new EnvdError('invalid_argument', 'the path contains a NUL byte');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new EnvdError('invalid_argument', 'the path is too long');
  if (path === '~' || path.startsWith('~/')) return posix.join(user.home, path.slice(1));
  if (path.startsWith('~')) throw new EnvdError('invalid_argument', `path '${path}' names another user's home`);
  return posix.resolve(user.home, path === '' ? (workdir ?? '') : path);
}
