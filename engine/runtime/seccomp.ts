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

export type SeccompRule = { names: string[]; action: string; errnoRet?: number; args?: z.infer<typeof Argument>[] };
export type Seccomp = {
  defaultAction: string;
  defaultErrnoRet: number;
  architectures: string[];
  syscalls: SeccompRule[];
};

const EPERM = 1;
const EINVAL = 22;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Allowed by the containers-common profile, of no use to a sandbox and a way to much kernel code. */
const REMOVED = new Set([
  'unshare', 'setns', 'mount', 'mount_setattr', 'umount', 'umount2', 'pivot_root', 'fsopen', 'fsconfig', 'fsmount', 'fspick',
  'move_mount', 'open_tree', 'keyctl', 'add_key', 'request_key', 'bpf', 'perf_event_open', 'userfaultfd',
  'io_uring_setup', 'io_uring_enter', 'io_uring_register', 'open_by_handle_at', 'name_to_handle_at',
]); // prettier-ignore

/** CLONE_NEW{TIME,CGROUP,UTS,IPC,USER,PID,NET,NS}: a sandbox makes no namespaces of its own. */
const NAMESPACE_FLAGS = 0x7e020080;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const NETLINK_AUDIT = 9;

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
    const names = call.names.filter((name) => !REMOVED.has(name) && !['clone', 'clone3', 'socket'].includes(name));
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

/** No vsock (it reaches the machine's hypervisor past every packet filter), no packet, alg, can, bluetooth... */
function socketRules(): SeccompRule[] {
  const family = (value: number) => ({ index: 0, value, valueTwo: 0, op: 'SCMP_CMP_EQ' });
  return [
    ...[AF_UNIX, AF_INET, AF_INET6].map((value) => ({
      names: ['socket'],
      action: 'SCMP_ACT_ALLOW',
      args: [family(value)],
    })),
    {
      names: ['socket'],
      action: 'SCMP_ACT_ALLOW',
      args: [family(AF_NETLINK), { index: 2, value: NETLINK_AUDIT, valueTwo: 0, op: 'SCMP_CMP_NE' }],
    },
    // sudo and PAM go on without auditing only when it looks as if the kernel had none.
    {
      names: ['socket'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: EINVAL,
      args: [family(AF_NETLINK), { index: 2, value: NETLINK_AUDIT, valueTwo: 0, op: 'SCMP_CMP_EQ' }],
    },
    {
      names: ['socket'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: EAFNOSUPPORT,
      args: [{ index: 0, value: AF_NETLINK, valueTwo: 0, op: 'SCMP_CMP_GT' }],
    },
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
