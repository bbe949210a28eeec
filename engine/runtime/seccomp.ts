import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { HostError } from '../api/errors.ts';

const Argument = z.object({ index: z.number(), value: z.number(), valueTwo: z.number().optional(), op: z.string() });
const Conditions = z.object({ caps: z.array(z.string()).optional(), arches: z.array(z.string()).optional() });
const Profile = z.object({
  defaultAction: z.string(),
  defaultErrnoRet: z.number().optional(),
  archMap: z.array(z.object({ architecture: z.string() })),
  syscalls: z.array(
    z.object({
      names: z.array(z.string()),
      action: z.string(),
      args: z.array(Argument).nullish(),
      errnoRet: z.number().optional(),
      includes: Conditions.optional(),
      excludes: Conditions.optional(),
    }),
  ),
});

type SeccompArgument = z.infer<typeof Argument>;
export type SeccompRule = { names: string[]; action: string; errnoRet?: number; args?: SeccompArgument[] };
export type Seccomp = {
  defaultAction: string;
  defaultErrnoRet: number;
  architectures: string[];
  syscalls: SeccompRule[];
};

const EPERM = 1;
const EINVAL = 22;
const ENOSYS = 38;
const EPROTONOSUPPORT = 93;
const EAFNOSUPPORT = 97;

/** Allowed by the containers-common profile, of no use to a sandbox and a way to much kernel code. */
const REMOVED = new Set([
  'unshare', 'setns', 'mount', 'mount_setattr', 'umount', 'umount2', 'pivot_root', 'fsopen', 'fsconfig', 'fsmount', 'fspick',
  'move_mount', 'open_tree', 'keyctl', 'add_key', 'request_key', 'bpf', 'perf_event_open', 'userfaultfd',
  'io_uring_setup', 'io_uring_enter', 'io_uring_register', 'open_by_handle_at', 'name_to_handle_at', 'modify_ldt', 'syslog',
]); // prettier-ignore

/**
 * Asynchronous input and output of the old kind: the kernel has one account of it for the whole machine, 65536 requests,
 * which one program takes with one call. Databases go on without it when the kernel seems to have none.
 */
const ABSENT = ['io_setup', 'io_submit', 'io_getevents', 'io_pgetevents', 'io_cancel', 'io_destroy'];

/** Calls with rules of their own below. */
const SPECIAL = new Set(['clone', 'clone3', 'socket', 'socketpair', ...ABSENT]);

/** CLONE_NEW{TIME,CGROUP,UTS,IPC,USER,PID,NET,NS}: a sandbox makes no namespaces of its own. */
const NAMESPACE_FLAGS = 0x7e020080;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const NETLINK_AUDIT = 9;
/** NETLINK_{ROUTE,SOCK_DIAG,KOBJECT_UEVENT,GENERIC}: addresses, `ss`, libudev, and what asks and gets no answer. */
const NETLINK_PROTOCOLS = [0, 4, 15, 16];
/** The default of the type, IPPROTO_{TCP,UDP} and the ICMP of unprivileged ping; MPTCP, SCTP and the like are not. */
const IPV4_PROTOCOLS = [0, 6, 17, 1];
const IPV6_PROTOCOLS = [0, 6, 17, 58];

const ARCHITECTURES: Record<string, { seccomp: string; profile: string }> = {
  x64: { seccomp: 'SCMP_ARCH_X86_64', profile: 'amd64' },
  arm64: { seccomp: 'SCMP_ARCH_AARCH64', profile: 'arm64' },
};

/**
 * Turns the profile of the package golang-github-containers-common into the OCI form for a process with
 * `capabilities`, minus what a sandbox must not call. Only the machine's own ABI is let in: the 32-bit ones would
 * evade the filters on arguments (socketcall).
 */
export function buildSeccomp(profileText: string, capabilities: string[], arch: string = process.arch): Seccomp {
  const architecture = ARCHITECTURES[arch];
  if (architecture === undefined) throw new Error(`no seccomp architecture is known for ${arch}`);
  const profile = Profile.parse(JSON.parse(profileText));
  const rules: SeccompRule[] = [];
  for (const call of profile.syscalls) {
    const { includes, excludes } = call;
    if (includes?.caps?.some((name) => !capabilities.includes(name))) continue;
    if (includes?.arches?.length && !includes.arches.includes(architecture.profile)) continue;
    if (excludes?.caps?.some((name) => capabilities.includes(name))) continue;
    if (excludes?.arches?.includes(architecture.profile)) continue;
    const names = call.names.filter((name) => !REMOVED.has(name) && !SPECIAL.has(name));
    if (names.length === 0) continue;
    rules.push({
      names,
      action: call.action,
      ...(call.errnoRet === undefined ? {} : { errnoRet: call.errnoRet }),
      ...(call.args?.length ? { args: call.args } : {}),
    });
  }
  rules.push(
    { names: [...REMOVED], action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
    { names: ABSENT, action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    // Its flags are behind a pointer that a filter cannot read; with ENOSYS libc falls back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ...socketRules(),
  );
  return {
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet ?? ENOSYS,
    architectures: [architecture.seccomp],
    syscalls: rules,
  };
}

/**
 * No vsock (it reaches the machine's hypervisor past every packet filter), no packet, alg, can, bluetooth, tipc..., and
 * of IP and netlink only the protocols that programs use: a socket of another one loads the kernel's module for it.
 */
function socketRules(): SeccompRule[] {
  const on = (index: number, value: number, op = 'SCMP_CMP_EQ') => ({ index, value, valueTwo: 0, op });
  const allow = (names: string[], ...args: SeccompArgument[]) => ({ names, action: 'SCMP_ACT_ALLOW', args });
  const refuse = (errnoRet: number, ...args: SeccompArgument[]) => ({
    ...{ names: ['socket'], action: 'SCMP_ACT_ERRNO', errnoRet, args },
  });
  const protocols: [number, number[]][] = [
    [AF_INET, IPV4_PROTOCOLS],
    [AF_INET6, IPV6_PROTOCOLS],
    [AF_NETLINK, NETLINK_PROTOCOLS],
  ];
  // No two rules fit one call: which of them counts would be up to libseccomp. What none fits gets ENOSYS.
  return [
    allow(['socket', 'socketpair'], on(0, AF_UNIX)),
    ...protocols.flatMap(([family, list]) => list.map((protocol) => allow(['socket'], on(0, family), on(2, protocol)))),
    ...protocols.map(([family, list]) =>
      refuse(EPROTONOSUPPORT, on(0, family), on(2, Math.max(...list), 'SCMP_CMP_GT')),
    ),
    // sudo and PAM go on without auditing only when it looks as if the kernel had none.
    refuse(EINVAL, on(0, AF_NETLINK), on(2, NETLINK_AUDIT)),
    refuse(EAFNOSUPPORT, on(0, AF_NETLINK, 'SCMP_CMP_GT')),
  ];
}

/** @throws HostError when the profile is missing or is none */
export function readSeccomp(file: string, capabilities: string[]): Seccomp {
  try {
    return buildSeccomp(readFileSync(file, 'utf8'), capabilities);
  } catch (error) {
    throw new HostError(
      `the seccomp profile ${file} cannot be used (${error instanceof Error ? error.message : error}): ` +
        'install the Debian package golang-github-containers-common or set ENGINE_SECCOMP_PROFILE',
      error,
    );
  }
}
