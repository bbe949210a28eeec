import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { posix } from 'node:path';

/** Most symbolic links on one path, as the kernel's. */
const MAX_LINKS = 40;
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** A place in an opened folder: nobody can move it elsewhere by renaming what is above it. */
export type Pin = {
  /** The path through the opened folder. Its last part can still be replaced: open it with O_NOFOLLOW. */
  path: string;
  /** Descriptor of the opened folder, and the name in it. */
  folder: number;
  name: string;
  /** Whether only root can change what is in the folder. */
  isProtected: boolean;
  close: () => void;
};

/** A link on the way belongs to somebody who is not root: root must not follow it. */
export class UntrustedLinkError extends Error {
  constructor(path: string) {
    super(`'${path}' is a symbolic link that is not root's`);
    this.name = 'UntrustedLinkError';
  }
}

/**
 * Walks to the folder of the absolute `path` as root, following only links that root made and nobody else can replace.
 * @param last Whether a link at the end is followed in the same way.
 * @throws UntrustedLinkError, errors of the system calls
 */
export function pin(path: string, last: 'follow' | 'keep'): Pin {
  let parts = posix.resolve('/', path).split('/').filter(Boolean);
  let done: string[] = [];
  let links = 0;
  let folder = openFolder('/');
  let isProtected = isRoots(fstatSync(folder));
  try {
    for (;;) {
      const [name, ...rest] = parts;
      if (name === undefined) return finish(folder, '.', isProtected);
      const next = `/proc/self/fd/${folder}/${name}`;
      const stat = lstatSync(next, { throwIfNoEntry: false });
      if (stat?.isSymbolicLink() && !(rest.length === 0 && last === 'keep')) {
        if (!isProtected || stat.uid !== 0 || ++links > MAX_LINKS)
          throw new UntrustedLinkError(`/${[...done, name].join('/')}`);
        parts = posix
          .resolve('/', ...done, readlinkSync(next), ...rest)
          .split('/')
          .filter(Boolean);
        done = [];
        folder = replace(folder, openFolder('/'));
        isProtected = isRoots(fstatSync(folder));
      } else if (rest.length === 0) {
        return finish(folder, name, isProtected);
      } else {
        folder = replace(folder, openFolder(next));
        isProtected = isProtected && isRoots(fstatSync(folder));
        done.push(name);
        parts = rest;
      }
    }
  } catch (error) {
    closeSync(folder);
    throw error;
  }
}

function openFolder(path: string): number {
  return openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

function replace(old: number, next: number): number {
  closeSync(old);
  return next;
}

/**
 * Whether only root can exchange what is root's in this folder. In a sticky one (/tmp) nobody else replaces that, but he
 * may add to it.
 */
export function isRoots(folder: Stats): boolean {
  return folder.uid === 0 && ((folder.mode & 0o022) === 0 || (folder.mode & 0o1000) !== 0);
}

function finish(folder: number, name: string, isProtected: boolean): Pin {
  return { path: `/proc/self/fd/${folder}/${name}`, folder, name, isProtected, close: () => closeSync(folder) };
}
