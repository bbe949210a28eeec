import type { buildOciConfig } from '../runtime/oci-config.ts';

/** Defences that are taken away from one sandbox of a test, to show that they were what stopped an attempt. */
export type Weakness = {
  /** Let through by seccomp with any arguments. */
  syscalls?: string[];
  capabilities?: string[];
  unmasked?: string[];
  writable?: string[];
  pids?: number;
  memoryMb?: number;
  /** Bytes per second of disk writes; 0 is no limit. */
  diskRate?: number;
  manyTerminals?: boolean;
  /** Allowances of the user namespace, set once it is there: names below /proc/sys/user. */
  userLimits?: Record<string, number>;
  /** Bytes of socket buffers; -1 is no limit. */
  socketBytes?: number;
};

type OciConfig = ReturnType<typeof buildOciConfig>;

/** The same configuration without those defences. */
export function weaken(config: OciConfig, weakness: Weakness): OciConfig {
  const { process, linux } = config;
  const free = new Set(weakness.syscalls);
  const capabilities = (list: string[]) => [...list, ...(weakness.capabilities ?? [])];
  const { bounding, effective, permitted } = process.capabilities;
  const rules = linux.seccomp.syscalls
    .map((rule) => ({ ...rule, names: rule.names.filter((name) => !free.has(name)) }))
    .filter((rule) => rule.names.length > 0);
  if (free.size > 0) rules.push({ names: [...free], action: 'SCMP_ACT_ALLOW' });
  const { blockIO, ...resources } = linux.resources;
  return {
    ...config,
    mounts: config.mounts.map((mount) =>
      weakness.manyTerminals && mount.type === 'devpts'
        ? { ...mount, options: mount.options.filter((option) => !option.startsWith('max=')) }
        : mount,
    ),
    process: {
      ...process,
      capabilities: {
        ...process.capabilities,
        bounding: capabilities(bounding),
        effective: capabilities(effective),
        permitted: capabilities(permitted),
      },
    },
    linux: {
      ...linux,
      seccomp: { ...linux.seccomp, syscalls: rules },
      maskedPaths: linux.maskedPaths.filter((path) => !weakness.unmasked?.includes(path)),
      readonlyPaths: linux.readonlyPaths.filter((path) => !weakness.writable?.includes(path)),
      resources: {
        ...resources,
        ...(weakness.pids === undefined ? {} : { pids: { limit: weakness.pids } }),
        ...(weakness.memoryMb === undefined ? {} : { memory: memory(weakness.memoryMb) }),
        ...(blockIO === undefined || weakness.diskRate === 0 ? {} : { blockIO: slower(blockIO, weakness.diskRate) }),
      },
    },
  };
}

const memory = (megabytes: number) => ({ limit: megabytes * 2 ** 20, swap: megabytes * 2 ** 20 });

type BlockIo = NonNullable<OciConfig['linux']['resources']['blockIO']>;

function slower(blockIO: BlockIo, rate: number | undefined): BlockIo {
  if (rate === undefined) return blockIO;
  return { ...blockIO, throttleWriteBpsDevice: blockIO.throttleWriteBpsDevice.map((device) => ({ ...device, rate })) };
}
