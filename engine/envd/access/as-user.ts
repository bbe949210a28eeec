import type { User } from '../users.ts';

/**
 * Runs system calls with a user's rights, so that a symbolic link that the user planted opens nothing the user could
 * not open alone. The effective ids are switched for all threads of the process, therefore `action` must be
 * synchronous, and everything that takes a path goes through here; what runs in other threads only uses open files.
 */
export function asUser<Result>(user: User, action: () => Result): Result {
  const { setgroups, setegid, seteuid } = process;
  // Not root: envd is run by hand and can only be itself.
  if (!setgroups || !setegid || !seteuid || process.getuid?.() !== 0 || user.uid === 0) return action();
  try {
    setgroups(user.groups);
    setegid(user.gid);
    seteuid(user.uid);
    return action();
  } finally {
    seteuid(0);
    setegid(0);
    setgroups([0]);
  }
}
