import { errnoError } from '../../runtime/koffi.ts';
import { EnvdError } from '../http/errors.ts';
import type { User } from '../users.ts';
import { koffi } from './libc.ts';

/** Leaves an id as it is. */
const UNCHANGED = -1;
/** The last of 32 bits is taken for -1. */
const MOST_IDS = 2 ** 32 - 1;

/** Ids of a thread, as setresuid(2) and setresgid(2) take them. */
type Ids = [real: number, effective: number, saved: number];

/** Numbers of system calls: x86-64 has a table of its own (asm/unistd_64.h), arm64 the general one (asm-generic/unistd.h). */
const NUMBERS: Record<string, { setgroups: number; setresuid: number; setresgid: number }> = {
  x64: { setgroups: 116, setresuid: 117, setresgid: 119 },
  arm64: { setgroups: 159, setresuid: 147, setresgid: 149 },
};

type Calls = {
  setGroups(groups: number[]): void;
  setUids(ids: Ids): void;
  setGids(ids: Ids): void;
};

let bound: Calls | undefined;

/**
 * Runs `action` on this thread with the effective ids of `user`: with this user's rights to files, and no others.
 *
 * The C library would switch all threads, and interrupt each of them six times for it; ids are the kernel's affair of
 * one thread (credentials(7)), and 50 times faster to change as such. `action` must be synchronous, and what runs in
 * other threads goes on as root.
 * @throws EnvdError unavailable, permission_denied for ids that are none
 */
export function withEffectiveIds<Result>(user: User, action: () => Result): Result {
  return switched(user, UNCHANGED, action);
}

/**
 * Runs `action` with the real ids too: a program that it starts has them for good, and nothing of root's.
 *
 * Whoever has a process's real id may send it signals, as for this moment (a millisecond) the user's programs may. They
 * get nowhere: the kernel drops what would end or stop the first process of a PID namespace, Node is told not to open
 * its inspector for a signal, and the saved id stays root's, while ptrace(2) and its like want all three.
 * @throws EnvdError unavailable, permission_denied for ids that are none
 */
export function withIds<Result>(user: User, action: () => Result): Result {
  return switched(user, 'real', action);
}

function switched<Result>(user: User, real: typeof UNCHANGED | 'real', action: () => Result): Result {
  const { uid, gid, groups } = user;
  // -1 would leave the id as it is: root's.
  if (![uid, gid, ...groups].every(isId)) {
    throw new EnvdError('permission_denied', `user '${user.name}' has an id that is none`);
  }
  const { setGroups, setGids, setUids } = (bound ??= bind());
  const ids = (id: number): Ids => [real === 'real' ? id : UNCHANGED, id, real === 'real' ? 0 : UNCHANGED];
  try {
    // The user's id comes last: with it goes the right to change the others.
    setGroups(groups);
    setGids(ids(gid));
    setUids(ids(uid));
    return action();
  } finally {
    try {
      setUids([0, 0, 0]);
      setGids([0, 0, 0]);
      setGroups([0]);
    } catch {
      // It would go on for others with this user's ids.
      process.abort();
    }
  }
}

function isId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < MOST_IDS;
}

function bind(): Calls {
  const numbers = NUMBERS[process.arch];
  if (!numbers) throw new Error(`system calls of ${process.arch} are not known`);
  const ffi = koffi();
  const library = ffi.load(null);
  const ids = library.func('long syscall(long number, long real, long effective, long saved)');
  const list = library.func('long syscall(long number, long size, const void *list)');
  const check = (call: string, result: number): void => {
    if (result !== 0) throw errnoError(call, ffi.errno());
  };
  return {
    setUids: (uids) => check('setresuid', ids(numbers.setresuid, ...uids)),
    setGids: (gids) => check('setresgid', ids(numbers.setresgid, ...gids)),
    setGroups: (groups) => check('setgroups', list(numbers.setgroups, groups.length, Uint32Array.from(groups))),
  };
}
