import { withEffectiveIds } from '../native/thread-ids.ts';
import type { User } from '../users.ts';

/**
 * Runs system calls with a user's rights, so that a symbolic link that the user planted opens nothing the user could
 * not open alone. Only this thread has them, therefore `action` must be synchronous, and everything that takes a path
 * goes through here; what runs in other threads only uses open files.
 */
export function asUser<Result>(user: User, action: () => Result): Result {
  // Not root: envd is run by hand and can only be itself.
  if (process.getuid?.() !== 0 || user.uid === 0) return action();
  return withEffectiveIds(user, action);
}
