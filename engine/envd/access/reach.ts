import { constants, openSync } from 'node:fs';
import { errnoCode } from '../http/errors.ts';
import type { User } from '../users.ts';
import { asUser } from './as-user.ts';
import { pin, UntrustedLinkError } from './pin.ts';

/** How a path can be used within {@link reach}. */
export type Place = {
  path: string;
  /** Root's rights are at work: a link at the end of `path` must not be followed. */
  asRoot: boolean;
  /** Whether the file there may be one that the user linked into a folder of his (link(2)): root must not open it. */
  mayBeLinked: boolean;
};

const isDenied = (error: unknown) => ['EACCES', 'EPERM'].includes(errnoCode(error) ?? '');

/**
 * Runs `action` on the absolute `path` with the rights of `user`, and with root's if those do not suffice: E2B's envd
 * is root for every user. But where root would follow a link that somebody else made, the user's rights decide: what
 * runs in the sandbox must not point those who write and read files at what it may not touch itself.
 * @param last Whether a link at the end of the path is followed.
 * @throws what `action` throws, EACCES or EPERM as the user met it
 */
export function reach<Result>(
  user: User,
  path: string,
  last: 'follow' | 'keep',
  action: (place: Place) => Result,
): Result {
  try {
    return asUser(user, () => action({ path, asRoot: false, mayBeLinked: false }));
  } catch (error) {
    if (!isDenied(error) || !canBeRoot(user)) throw error;
    return asRoot(path, last, action, error);
  }
}

/** Whether root's rights are there and are more than the user's. */
export function canBeRoot(user: User): boolean {
  return user.uid !== 0 && process.getuid?.() === 0;
}

function asRoot<Result>(
  path: string,
  last: 'follow' | 'keep',
  action: (place: Place) => Result,
  denied: unknown,
): Result {
  try {
    const place = pin(path, last);
    try {
      return action({ path: place.path, asRoot: true, mayBeLinked: !place.isProtected });
    } finally {
      place.close();
    }
  } catch (error) {
    // ELOOP: the end of the path became a link in the meantime.
    throw error instanceof UntrustedLinkError || errnoCode(error) === 'ELOOP' ? denied : error;
  }
}

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/**
 * Opens the folder at `path` with the user's rights or root's, as {@link reach} has it; the caller closes the descriptor.
 * @throws Error ENOTDIR when it is no folder, or a link and `last` is `keep`
 */
export function openFolder(user: User, path: string, last: 'follow' | 'keep'): { fd: number; asRoot: boolean } {
  return reach(user, path, last, (place) => {
    const isLinkKept = place.asRoot || last === 'keep';
    return { fd: openSync(place.path, O_RDONLY | O_DIRECTORY | (isLinkKept ? O_NOFOLLOW : 0)), asRoot: place.asRoot };
  });
}
