import type { Seccomp } from './seccomp.ts';

/**
 * The first of the 65536 host ids that the ids of every sandbox are shifted to. Nobody else's on a usual host: useradd
 * hands out 100000 to 600100000 in /etc/subuid, systemd-nspawn takes 524288 to 1879048191.
 */
export const SHIFTED_ROOT = 1_879_048_192;
export const SHIFTED_SIZE = 65_536;

/** Enough for sudo, apt and users per request; nothing that administers the machine or its network. */
export const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_SETUID',
  'CAP_SETGID',
  'CAP_KILL',
];

/** Hosts without CAP_SYS_RESOURCE cannot go above what they were given; 20 000 is the lowest limit met. */
const OPEN_FILES = 20_000;

/** The kernel has one number of terminals for the whole machine, 4096 by default. */
export const TERMINALS_PER_SANDBOX = 128;
/** Bytes of message queues and signals waiting, per user of the sandbox: the kernel's usual values. */
const MESSAGE_QUEUE_BYTES = 819_200;
const PENDING_SIGNALS = 16_384;
/** Input and output operations that go with a MiB a second of allowed disk throughput: 32 KiB each. */
const OPERATIONS_PER_MB = 32;

const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/kallsyms',
  '/proc/config.gz',
  '/proc/cmdline',
  '/proc/iomem',
  '/proc/ioports',
  '/proc/kpagecgroup',
  '/proc/kpagecount',
  '/proc/kpageflags',
  '/proc/pagetypeinfo',
  '/proc/slabinfo',
  '/proc/vmallocinfo',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
  // Names the files behind all loop devices of the machine, and with them the ids of all sandboxes.
  '/sys/devices/virtual/block',
  '/sys/fs/ext4',
  '/proc/fs/ext4',
  '/proc/fs/jbd2',
  // The layout of the kernel and of its memory.
  '/sys/kernel/boot_params',
  '/sys/kernel/btf',
  '/sys/kernel/notes',
  '/sys/kernel/slab',
  '/sys/kernel/vmcoreinfo',
];

const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger', '/sys/fs/cgroup'];

export type OciInput = {
  id: string;
  args: string[];
  env: Record<string, string>;
  hostname: string;
  rootfs: string;
  /** Directory bound read-only at /.engine. */
  toolboxDir: string;
  /** Directory with resolv.conf, hosts and hostname, which are bound over those in /etc, and with boot_id. */
  etcDir: string;
  cgroupsPath: string;
  cpuCount: number;
  memoryMb: number;
  pids: number;
  seccomp: Seccomp;
  /** Limit of the sandbox's disk, in MiB/s each way; null is none. */
  disk: { major: number; minor: number; megabytesPerSecond: number } | null;
};

/** The OCI runtime configuration (config.json) of a sandbox. */
export function buildOciConfig(input: OciInput) {
  const memoryBytes = input.memoryMb * 1024 * 1024;
  const shmBytes = Math.floor(memoryBytes / 2);
  const bind = (source: string, destination: string, ...options: string[]) => ({
    destination,
    type: 'bind',
    source,
    options: ['bind', 'nosuid', 'nodev', ...options],
  });
  return {
    ociVersion: '1.0.2',
    hostname: input.hostname,
    root: { path: input.rootfs, readonly: false },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      cwd: '/',
      args: input.args,
      env: Object.entries(input.env).map(([name, value]) => `${name}=${value}`),
      capabilities: {
        bounding: CAPABILITIES,
        effective: CAPABILITIES,
        permitted: CAPABILITIES,
        // Not inheritable: a program with file capabilities would hand them to who is not root.
        inheritable: [],
        ambient: [],
      },
      rlimits: [
        { type: 'RLIMIT_NOFILE', hard: OPEN_FILES, soft: OPEN_FILES },
        { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
        { type: 'RLIMIT_MSGQUEUE', hard: MESSAGE_QUEUE_BYTES, soft: MESSAGE_QUEUE_BYTES },
        { type: 'RLIMIT_SIGPENDING', hard: PENDING_SIGNALS, soft: PENDING_SIGNALS },
      ],
      // sudo has to work for the user; what must not gain rights sets no_new_privs itself.
      noNewPrivileges: false,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=64k'],
      },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: [
          'nosuid',
          'noexec',
          'newinstance',
          'ptmxmode=0666',
          'mode=0620',
          'gid=5',
          `max=${TERMINALS_PER_SANDBOX}`,
        ],
      },
      // Pages of these two count as the sandbox's memory.
      {
        destination: '/dev/shm',
        type: 'tmpfs',
        source: 'shm',
        options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${shmBytes}`],
      },
      {
        destination: '/run',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'nodev', 'mode=755', `size=${Math.floor(memoryBytes / 8)}`],
      },
      { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
      // Node reads its memory limit here.
      {
        destination: '/sys/fs/cgroup',
        type: 'cgroup',
        source: 'cgroup',
        options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
      },
      bind(input.toolboxDir, '/.engine', 'ro'),
      ...['resolv.conf', 'hosts', 'hostname'].map((name) =>
        bind(`${input.etcDir}/${name}`, `/etc/${name}`, 'noexec', 'rw'),
      ),
    ],
    hooks: { createContainer: [bootIdHook(input)] },
    linux: {
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup', 'user'].map((type) => ({ type })),
      uidMappings: [{ containerID: 0, hostID: SHIFTED_ROOT, size: SHIFTED_SIZE }],
      gidMappings: [{ containerID: 0, hostID: SHIFTED_ROOT, size: SHIFTED_SIZE }],
      cgroupsPath: input.cgroupsPath,
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        // No swap beyond the limit: `swap` is memory and swap together.
        memory: { limit: memoryBytes, swap: memoryBytes },
        cpu: { shares: 1024, quota: Math.round(input.cpuCount * 100_000), period: 100_000 },
        pids: { limit: input.pids },
        ...(input.disk === null ? {} : { blockIO: throttle(input.disk) }),
      },
      sysctl: {
        'net.ipv6.conf.all.disable_ipv6': '1',
        'net.ipv6.conf.default.disable_ipv6': '1',
        // Without NET_BIND_SERVICE and NET_RAW, web servers on port 80 and ping work all the same.
        'net.ipv4.ip_unprivileged_port_start': '0',
        'net.ipv4.ping_group_range': '0 65535',
        // Servers that listen on 127.0.0.1 are reached by the proxy (see network/link.ts).
        'net.ipv4.conf.all.route_localnet': '1',
      },
      seccomp: input.seccomp,
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

/**
 * Every start has a boot id of its own, by which programs tell a reboot, instead of the host's. The runtime refuses mounts
 * over files of /proc; the hook runs once /proc is there, with the host's programs still in sight.
 */
function bootIdHook({ rootfs, etcDir }: Pick<OciInput, 'rootfs' | 'etcDir'>) {
  const target = `${rootfs}/proc/sys/kernel/random/boot_id`;
  const options = ['--no-canonicalize', '--no-mtab', '-o', 'bind,ro,nosuid,nodev,noexec'];
  return { path: '/bin/mount', args: ['mount', ...options, `${etcDir}/boot_id`, target] };
}

function throttle({ major, minor, megabytesPerSecond }: NonNullable<OciInput['disk']>) {
  const bytes = [{ major, minor, rate: megabytesPerSecond * 1024 * 1024 }];
  const operations = [{ major, minor, rate: megabytesPerSecond * OPERATIONS_PER_MB }];
  return {
    throttleReadBpsDevice: bytes,
    throttleWriteBpsDevice: bytes,
    throttleReadIOPSDevice: operations,
    throttleWriteIOPSDevice: operations,
  };
}

/** Major and minor number of a device as stat(2) gives it in 32 bits, as the kernel's own are. */
export function deviceNumbers(dev: number): { major: number; minor: number } {
  return {
    major: (dev >>> 8) & 0xfff,
    minor: (dev & 0xff) | ((dev >>> 12) & 0xfff00),
  };
}
