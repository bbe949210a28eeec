import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What the machine's cgroups can limit beyond what every OCI runtime sets. */
export type CgroupAccounts = {
  diskThroughput: boolean;
  /**
   * Version 1 counts the buffers of sockets apart from memory, and only where a limit is set; without one a sandbox takes
   * what the kernel has for the sockets of the whole machine. No runtime sets it any more. Version 2 counts them as
   * memory.
   */
  limitSocketMemory(cgroup: string, megabytes: number): void;
};

export function findCgroupAccounts(root = '/sys/fs/cgroup'): CgroupAccounts {
  const controllers = path.join(root, 'cgroup.controllers');
  if (existsSync(controllers)) {
    return {
      diskThroughput: readFileSync(controllers, 'latin1').split(/\s/).includes('io'),
      limitSocketMemory: () => {},
    };
  }
  const socketMemory = (cgroup: string) => path.join(root, 'memory', cgroup, 'memory.kmem.tcp.limit_in_bytes');
  return {
    diskThroughput: existsSync(path.join(root, 'blkio/blkio.throttle.write_iops_device')),
    limitSocketMemory(cgroup, megabytes) {
      // Kernels without this account are to come; docs/engine-security.md says what is open there.
      if (existsSync(socketMemory(cgroup))) writeFileSync(socketMemory(cgroup), String(megabytes * 1024 * 1024));
    },
  };
}
