import { errnoError } from '../../runtime/koffi.ts';
import type { User } from '../users.ts';
import { koffi } from './libc.ts';

/** Ids of a process, as setresuid(2) and setresgid(2) take them: real, effective, saved. -1 leaves one as it is. */
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
 * @throws EnvdError unavailable
 */
export function withEffectiveIds<Result>(user: User, action: () => Result): Result {
  return switched(user, [-1, user.gid, -1], [-1, user.uid, -1], action);
}

/**
 * Runs `action` with the real ids too: a program that it starts has them for good, and nothing of root's.
 * For that moment (half a millisecond) the user's programs may signal envd: they could end or stop it, and so their own
 * sandbox, as anybody can who may use sudo in it. They cannot look into it: the saved id stays root's, and ptrace(2)
 * wants all three.
 */
export function withIds<Result>(user: User, action: () => Result): Result {
  return switched(user, [user.gid, user.gid, 0], [user.uid, user.uid, 0], action);
}

function switched<Result>(user: User, gids: Ids, uids: Ids, action: () => Result): Result {
  const { setGroups, setGids, setUids } = (bound ??= bind());
  try {
    // The user's id comes last: with it goes the right to change the others.
    setGroups(user.groups);
    setGids(gids);
    setUids(uids);
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
