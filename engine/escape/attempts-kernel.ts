import type { Attempt } from './attempt.ts';
import { raw } from './raw-call.ts';

const USER_NAMESPACE = 'the user namespace is a second lock, and root without it is root of this machine';
const ATTRIBUTES = '$a = pack("LLQQQQQ", 1, 112, 2, 0, 0, 0, 0x60) . "\\0" x 64';

/** Node itself uses io_uring once it can set one up. */
const WITH: Record<string, string[]> = { io_uring_setup: ['io_uring_enter', 'io_uring_register'] };

/** Calls and sockets that reach much kernel code, or what is not a sandbox's to use. */
export const KERNEL_ATTEMPTS: Attempt[] = [
  call('set up an io_uring', 'io_uring_setup', raw('io_uring_setup', [8, '$p'], '$p = "\\0" x 120')),
  call('open a performance counter', 'perf_event_open', raw('perf_event_open', ['$a', 0, -1, -1, 0], ATTRIBUTES)),
  call('userfaultfd', 'userfaultfd', raw('userfaultfd', [1])),
  call('put a key into a keyring', 'add_key', raw('add_key', ['"user"', '"x"', '"y"', 1, -3])),
  call('change the local descriptor table', 'modify_ldt', raw('modify_ldt', [0, '$b', 16], '$b = "\\0" x 16')),
  call('take all asynchronous I/O of the machine', 'io_setup', raw('io_setup', [65_000, '$c'], '$c = pack("Q", 0)')),
  {
    attempt: 'load a BPF program',
    stoppedBy: 'seccomp, no capability',
    script: raw('bpf', [0, '$a', 72], '$a = pack("LLLL", 2, 4, 4, 1) . "\\0" x 56'),
    without: 'the kernel wants a capability outside of every user namespace',
  },
  {
    attempt: 'read the kernel’s log',
    stoppedBy: 'seccomp',
    script: raw('syslog', [3, '$b', 100], '$b = "\\0" x 100'),
    without: 'where kernel.dmesg_restrict is 1, as here, that is a second lock',
  },
  {
    attempt: 'load a module, a kernel, set the clock',
    as: 'root',
    stoppedBy: 'seccomp, no capability, user namespace',
    script: [
      raw('finit_module', [0, '""', 0]),
      raw('kexec_load', [0, 0, 0, 0]),
      raw('settimeofday', ['$t', 0], '$t = pack("QQ", 1, 1)'),
    ].join(' || '),
    without: 'it would end this machine',
  },
  {
    attempt: 'change the host name',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_SYS_ADMIN',
    script: raw('sethostname', ['"other"', 5]),
    without: { weakness: { syscalls: ['sethostname'], capabilities: ['CAP_SYS_ADMIN'] } },
  },
  socket('a vsock socket, to the hypervisor past every packet filter', [40, 1, 0]),
  socket('a netfilter socket of netlink', [16, 3, 12]),
  socket('an MPTCP socket', [2, 1, 262]),
  {
    attempt: 'a packet socket',
    as: 'root',
    stoppedBy: 'seccomp, no CAP_NET_RAW',
    script: raw('socket', [17, 3, 0]),
    without: { weakness: { syscalls: ['socket'], capabilities: ['CAP_NET_RAW'] } },
  },
  {
    attempt: 'a raw IP socket',
    as: 'root',
    stoppedBy: 'no CAP_NET_RAW',
    script: raw('socket', [2, 3, 1]),
    without: { weakness: { capabilities: ['CAP_NET_RAW'] } },
  },
  {
    attempt: 'sockets of AF_ALG, AF_CAN, AF_TIPC, AF_BLUETOOTH, AF_RDS, AF_XDP; a pair of AF_TIPC',
    stoppedBy: 'seccomp',
    script: [
      ...[38, 29, 30, 31, 21, 44].map((family) => raw('socket', [family, 3, 0])),
      raw('socketpair', [30, 1, 0, '$b'], '$b = "\\0" x 8'),
    ].join(' || '),
    without: 'this kernel need not have them',
  },
  {
    attempt: 'system calls of the 32-bit and x32 ABIs',
    stoppedBy: 'seccomp knows the machine’s own ABI alone',
    script: process.arch === 'x64' ? `perl -e 'exit(syscall(0x40000000 + 39) > 0 ? 0 : 1)'` : 'false',
    without: 'this kernel need not have them',
  },
  {
    attempt: 'add an address to the interface',
    as: 'root',
    stoppedBy: 'no CAP_NET_ADMIN',
    script: 'ip addr add 10.99.99.99/32 dev eth0',
    without: { weakness: { capabilities: ['CAP_NET_ADMIN'] } },
  },
  {
    attempt: 'give a program a capability by its file',
    as: 'root',
    stoppedBy: 'no CAP_SETFCAP',
    script: 'cp /bin/true /tmp/capable && setcap cap_chown+ep /tmp/capable',
    without: { weakness: { capabilities: ['CAP_SETFCAP'] } },
  },
  {
    attempt: 'make a device node of the disk',
    as: 'root',
    stoppedBy: 'user namespace, no CAP_MKNOD, device cgroup, nodev',
    script: 'mknod /tmp/sda b 8 0 || mknod /tmp/mem c 1 1',
    without: USER_NAMESPACE,
  },
  {
    attempt: 'open /dev/kmsg, /dev/mem, /dev/kvm, /dev/fuse, loop devices',
    as: 'root',
    stoppedBy: '/dev holds seven nodes; device cgroup',
    script: perlOpen(['/dev/kmsg', '/dev/mem', '/dev/kvm', '/dev/fuse', '/dev/loop-control', '/dev/loop0']),
    without: USER_NAMESPACE,
  },
];

function perlOpen(files: string[]): string {
  return files.map((file) => `cat ${file} < /dev/null > /dev/null`).join(' || ');
}

function call(attempt: string, name: string, script: string): Attempt {
  return { attempt, stoppedBy: 'seccomp', script, without: { weakness: { syscalls: [name, ...(WITH[name] ?? [])] } } };
}

function socket(attempt: string, args: number[]): Attempt {
  return {
    attempt,
    stoppedBy: 'seccomp',
    script: raw('socket', args),
    without: { weakness: { syscalls: ['socket'] } },
  };
}
