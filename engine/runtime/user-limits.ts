import { command } from './command.ts';

/**
 * What the processes of one sandbox may take of what the kernel counts for all sandboxes together, because they share
 * the host's user that made their namespaces. See user_namespaces(7) and namespaces(7), /proc/sys/user.
 */
export const USER_LIMITS = { max_inotify_instances: 64, max_inotify_watches: 65_536 };

/** Sets the limits in the user namespace of process `pid`. Root there cannot change them: it lacks CAP_SYS_RESOURCE. */
export async function limitUserNamespace(pid: number): Promise<void> {
  const script = Object.entries(USER_LIMITS).map(([name, value]) => `echo ${value} > /proc/sys/user/${name}`);
  await command('nsenter', [`--user=/proc/${pid}/ns/user`, 'sh', '-ec', script.join('\n')]);
}
