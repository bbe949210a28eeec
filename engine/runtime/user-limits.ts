import { command } from './command.ts';

/**
 * What the processes of one sandbox may take of what the kernel counts for all sandboxes together, because they share
 * the host's user that made their namespaces. See user_namespaces(7) and namespaces(7), /proc/sys/user.
 */
export const USER_LIMITS = { max_inotify_instances: 64, max_inotify_watches: 65_536 };

/** A second lock beside seccomp: whoever gets past it finds that the kernel makes no namespace below the sandbox's. */
const NO_NAMESPACES = Object.fromEntries(
  ['user', 'pid', 'net', 'ipc', 'uts', 'mnt', 'cgroup', 'time'].map((kind) => [`max_${kind}_namespaces`, 0]),
);

/** Sets the limits in the user namespace of process `pid`. Root there cannot change them: it lacks CAP_SYS_RESOURCE. */
export async function limitUserNamespace(pid: number): Promise<void> {
  const script = Object.entries({ ...USER_LIMITS, ...NO_NAMESPACES }).map(
    ([name, value]) => `echo ${value} > /proc/sys/user/${name}`,
  );
  await command('nsenter', [`--user=/proc/${pid}/ns/user`, 'sh', '-ec', script.join('\n')]);
}
