import type { Attempt } from './attempt.ts';
import { numberOf, perl, raw } from './raw-call.ts';

const NAMESPACES = { max_user_namespaces: 100, max_mnt_namespaces: 100, max_net_namespaces: 100 };
const ADMIN = ['CAP_SYS_ADMIN'];

/** New namespaces, mounts and roots. */
export const NAMESPACE_ATTEMPTS: Attempt[] = [
  {
    attempt: 'unshare a user namespace',
    stoppedBy: 'seccomp and the limit of 0 namespaces',
    script: raw('unshare', ['0x10000000']),
    without: { weakness: { syscalls: ['unshare'], userLimits: NAMESPACES } },
  },
  {
    attempt: 'unshare a user namespace past seccomp',
    stoppedBy: 'limit of 0 namespaces in the sandbox’s user namespace',
    script: raw('unshare', ['0x10000000']),
    base: { syscalls: ['unshare'] },
    without: { weakness: { userLimits: NAMESPACES } },
  },
  {
    attempt: 'clone with a new user namespace',
    stoppedBy: 'seccomp looks at the flags; limit of 0 namespaces',
    // The child, which gets 0, ends at once.
    script: perl(`$r = syscall(${numberOf('clone')}, 0x10000011, 0, 0, 0, 0); $r >= 0 or die "$!\\n"; _exit(0)`),
    without: { weakness: { syscalls: ['clone'], userLimits: NAMESPACES } },
  },
  {
    attempt: 'clone3 with a new user namespace',
    stoppedBy: 'seccomp (its flags cannot be looked at); limit of 0 namespaces',
    script: perl(
      `$a = pack("Q8", 0x10000000, 0, 0, 0, 17, 0, 0, 0); $r = syscall(${numberOf('clone3')}, $a, 64); $r >= 0 or die "$!\\n"; _exit(0)`,
    ),
    without: { weakness: { syscalls: ['clone3'], userLimits: NAMESPACES } },
  },
  {
    attempt: 'unshare the mount namespace',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN, limit of 0 namespaces',
    script: raw('unshare', ['0x20000']),
    without: { weakness: { syscalls: ['unshare'], capabilities: ADMIN, userLimits: NAMESPACES } },
  },
  {
    attempt: 'setns into a namespace of envd',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN',
    script: raw('setns', ['fileno(F)', 0], 'open(F, "<", "/proc/1/ns/uts") or die'),
    without: { weakness: { syscalls: ['setns'], capabilities: ADMIN } },
  },
  {
    attempt: 'mount a tmpfs',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN',
    script: raw('mount', ['"none"', '"/mnt"', '"tmpfs"', 0, 0]),
    without: { weakness: { syscalls: ['mount'], capabilities: ADMIN } },
  },
  {
    attempt: 'mount a tmpfs past seccomp',
    as: 'root',
    stoppedBy: 'no CAP_SYS_ADMIN',
    script: raw('mount', ['"none"', '"/mnt"', '"tmpfs"', 0, 0]),
    base: { syscalls: ['mount'] },
    without: { weakness: { capabilities: ADMIN } },
  },
  {
    attempt: 'make the mount of the tools writable',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN',
    // MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV
    script: raw('mount', ['"none"', '"/.engine"', '"none"', '0x1026', 0]),
    without: { weakness: { syscalls: ['mount'], capabilities: ADMIN } },
  },
  {
    attempt: 'change envd in the mount of the tools',
    as: 'root',
    stoppedBy: 'read-only mount; its files belong to the host’s root, who has no id in the sandbox',
    script: 'echo x >> /.engine/envd.cjs',
    without: 'the owner is a second lock: see "make the mount of the tools writable"',
  },
  {
    attempt: 'take the cover off a masked path (umount /sys/firmware)',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN',
    script: raw('umount2', ['"/sys/firmware"', 2]),
    without: { weakness: { syscalls: ['umount2'], capabilities: ADMIN } },
  },
  {
    attempt: 'fsopen a file system (new mount API)',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN',
    script: raw('fsopen', ['"tmpfs"', 0]),
    without: { weakness: { syscalls: ['fsopen'], capabilities: ADMIN } },
  },
  {
    attempt: 'clone a mount by open_tree (new mount API)',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN, limit of 0 namespaces',
    script: raw('open_tree', [-100, '"/"', 1]),
    without: { weakness: { syscalls: ['open_tree'], capabilities: ADMIN, userLimits: NAMESPACES } },
  },
  {
    attempt: 'lift read-only by mount_setattr',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN',
    script: raw('mount_setattr', [-100, '"/.engine"', 0, '$a', 32], '$a = pack("Q4", 0, 1, 0, 0)'),
    without: { weakness: { syscalls: ['mount_setattr'], capabilities: ADMIN } },
  },
  {
    attempt: 'pivot_root',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN',
    script: raw('pivot_root', ['"/tmp"', '"/tmp"']),
    without: 'needs a mount of its own: see "mount a tmpfs"',
  },
  {
    attempt: 'chroot',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_CHROOT',
    script: 'chroot / true',
    without: { weakness: { syscalls: ['chroot'], capabilities: ['CAP_SYS_CHROOT'] } },
  },
  {
    attempt: 'name files by handle, to open them past directories',
    stoppedBy: 'seccomp',
    script: raw(
      'name_to_handle_at',
      [-100, '"/dev/shm"', '$h', '$m', 0],
      '$h = pack("LL", 128, 0) . "\\0" x 128; $m = pack("L", 0)',
    ),
    without: { weakness: { syscalls: ['name_to_handle_at'] } },
  },
];
