import type { Attempt } from './attempt.ts';
import { raw } from './raw-call.ts';

/** PID 1. */
const ENVD = '1';
const NOT_DUMPABLE =
  'the kernel’s check of /proc/<pid> and ptrace: envd has changed its ids since it was started, so that its memory is nobody’s in the sandbox';
const ROOT_IS_OTHER = 'the host’s root owns it and has no id in the sandbox: a second lock';
/** The file is not empty. */
const holds = (file: string) => `head -c 100 ${file} | grep -aq .`;

function masked(path: string, attempt: string, script: string): Attempt {
  return { attempt, stoppedBy: 'masked path', script, without: { weakness: { unmasked: [path] } } };
}

/** /proc, /sys and other processes. */
export const PROC_ATTEMPTS: Attempt[] = [
  masked(
    '/sys/devices/virtual/block',
    'learn the ids of all sandboxes from the names of loop devices',
    'cat /sys/block/loop*/loop/backing_file | grep -q /sandboxes/',
  ),
  masked('/proc/kallsyms', 'read the addresses of the kernel', holds('/proc/kallsyms')),
  masked('/proc/cmdline', 'read the command line of the kernel', holds('/proc/cmdline')),
  masked('/sys/kernel/slab', 'watch the memory of the kernel', 'ls /sys/kernel/slab | grep -q .'),
  masked('/sys/kernel/notes', 'learn the build of the kernel', holds('/sys/kernel/notes')),
  {
    attempt: 'switch IPv6 on again',
    as: 'root',
    stoppedBy: 'read-only /proc/sys, no CAP_NET_ADMIN',
    script: 'echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6',
    without: { weakness: { writable: ['/proc/sys'], capabilities: ['CAP_NET_ADMIN'] } },
  },
  {
    attempt: 'set core_pattern, a program that the host’s root runs',
    as: 'root',
    stoppedBy: 'read-only /proc/sys, user namespace',
    script: 'echo "|/bin/sh" > /proc/sys/kernel/core_pattern',
    without: ROOT_IS_OTHER,
  },
  {
    attempt: 'set modprobe, binfmt_misc, uevent_helper, poweroff_cmd',
    as: 'root',
    stoppedBy: 'read-only /proc/sys and /sys, user namespace',
    script:
      'echo /x > /proc/sys/kernel/modprobe || echo x > /proc/sys/fs/binfmt_misc/register || echo /x > /sys/kernel/uevent_helper || echo /x > /proc/sys/kernel/poweroff_cmd',
    without: ROOT_IS_OTHER,
  },
  {
    attempt: 'sysrq',
    as: 'root',
    stoppedBy: 'read-only /proc/sysrq-trigger, user namespace',
    script: 'echo h > /proc/sysrq-trigger',
    without: ROOT_IS_OTHER,
  },
  {
    attempt: 'raise limits, release_agent or a new group through the cgroup mounts',
    as: 'root',
    stoppedBy: 'read-only mount, user namespace',
    script:
      'mkdir /sys/fs/cgroup/*/x || echo max > /sys/fs/cgroup/pids/pids.max || echo max > /sys/fs/cgroup/pids.max || echo /x > /sys/fs/cgroup/pids/release_agent',
    without: ROOT_IS_OTHER,
  },
  {
    attempt: 'be spared by the OOM killer',
    as: 'root',
    stoppedBy: 'no CAP_SYS_RESOURCE outside of the user namespace',
    script: 'echo -900 > /proc/self/oom_score_adj',
    without: ROOT_IS_OTHER,
  },
  {
    attempt: 'raise limits of the user namespace',
    as: 'root',
    stoppedBy: 'read-only /proc/sys, no CAP_SYS_RESOURCE',
    script: 'echo 9999 > /proc/sys/user/max_inotify_instances',
    without: { weakness: { writable: ['/proc/sys'], capabilities: ['CAP_SYS_RESOURCE'] } },
  },
  {
    attempt: 'reach the memory of the kernel through /proc',
    as: 'root',
    stoppedBy: 'masked paths, user namespace',
    script: [holds('/proc/kcore'), holds('/proc/kpageflags'), holds('/proc/slabinfo'), holds('/proc/kmsg')].join(
      ' || ',
    ),
    without: ROOT_IS_OTHER,
  },
  {
    attempt: 'see processes of the host',
    as: 'root',
    stoppedBy: 'PID namespace',
    script: `[ "$(ls /proc | grep -cE '^[0-9]+$')" -gt 30 ]`,
    without: 'the host’s processes would be at its mercy',
  },
  {
    attempt: 'follow the descriptors of envd out of the sandbox',
    as: 'root',
    stoppedBy: 'none leads to a folder; the log’s file belongs to the host’s root',
    script:
      'ls /proc/1/fd/1/.. || cat /proc/1/fd/1 || for fd in /proc/[0-9]*/fd/*; do [ -d "$fd" ] && case "$(readlink "$fd")" in /run/shmastra*) exit 0 ;; esac; done; false',
    without: 'the console has to be written to',
  },
  {
    attempt: 'read the token of envd from its environment',
    as: 'root',
    stoppedBy: NOT_DUMPABLE,
    script: `grep -aq TOKEN /proc/${ENVD}/environ`,
    without: 'it would be another envd',
  },
  {
    attempt: 'trace envd',
    as: 'root',
    stoppedBy: NOT_DUMPABLE,
    script: raw('ptrace', ['0x4206', 1, 0, 0]),
    without: 'it would be another envd',
  },
  {
    attempt: 'kill envd',
    stoppedBy: 'the kernel’s check of signals: another user’s process',
    script: `kill -0 ${ENVD}`,
    without: { as: 'root', means: 'by the sandbox’s own root, who may; see "kill or stop envd" for what comes of it' },
  },
  {
    attempt: 'sudo from a program under no_new_privs, as what agents write runs',
    stoppedBy: 'no_new_privs',
    script: 'setpriv --no-new-privs sudo -n true',
    without: { script: 'sudo -n true', means: 'by a program without it' },
  },
  {
    attempt: 'call envd from inside without its token',
    stoppedBy: 'token',
    script: `curl -fsS http://127.0.0.1:49983/envs`,
    without: 'nobody in the sandbox can read the token',
  },
];
