import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { parseCidr } from './network/addresses.ts';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const integer = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

const subnet = z
  .string()
  .default('10.213.0.0/16')
  .refine((text) => {
    const cidr = parseCidr(text);
    return cidr !== null && cidr.prefix >= 16 && cidr.prefix <= 29;
  }, 'must be an IPv4 network between /16 and /29, for example 10.213.0.0/16');

const hostPort = z.string().regex(/^\d{1,3}(\.\d{1,3}){3}:\d{1,5}$/, 'must be a list of ip:port');

const REGISTRY = /^(https?:\/\/)?[a-zA-Z0-9.-]+(:\d{1,5})?$/;

/** The engine's settings. Each name is an environment variable; docs/engine.md and .env.example describe them. */
const Environment = z.object({
  ENGINE_DATA_DIR: z.string('must be set').min(1),
  /** 0 takes a free port. */
  ENGINE_PORT: integer(3900, 0, 65535),
  ENGINE_HOST: z.string().default('127.0.0.1'),
  /** Where the engine listens with TLS as well, with a certificate that it makes itself; 0: not at all. */
  ENGINE_TLS_PORT: integer(0, 0, 65535),
  ENGINE_INSTANCE: z.string('must be set').regex(/^[a-z0-9]{4,6}$/, 'must be 4 to 6 of a-z and 0-9'),
  ENGINE_SUBNET: subnet,
  ENGINE_HOST_ALLOW: list.pipe(z.array(hostPort)),
  ENGINE_EGRESS_ALLOW: list,
  ENGINE_DOMAIN: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d+)?$/)
    .default('sandbox.localhost'),
  ENGINE_IMAGE_CACHE: z.string().optional(),
  /** Registries of images, `host[:port]`, with `http://` before it for one without TLS. Empty: every public one. */
  ENGINE_REGISTRIES: list.pipe(z.array(z.string().regex(REGISTRY, 'must be a list of host[:port]'))),
  /** Room (MiB) for an image of a registry, packed and unpacked together. */
  ENGINE_IMAGE_MAX_MB: integer(16_384, 64, 1_000_000),
  /** Any OCI runtime with runc's command line: crun, runsc, kata-runtime. */
  ENGINE_RUNTIME: z.string().default('runc'),
  ENGINE_SECCOMP_PROFILE: z.string().default('/usr/share/containers/seccomp.json'),
  /** Sandboxes whose processes may exist at once; beyond it create and resume answer 503 with Retry-After. */
  ENGINE_MAX_RUNNING: integer(200, 1, 10_000),
  /** Sandboxes that may start at the same time; others wait. */
  ENGINE_START_CONCURRENCY: integer(Math.max(2, availableParallelism() * 2), 1, 64),
  /** Starts that may wait; beyond it create answers 429 with Retry-After. */
  ENGINE_START_QUEUE: integer(64, 0, 1000),
  /** Spare sandboxes of the template that was used last, launched ahead of the creates that take them; 0: none. */
  ENGINE_WARM_POOL: integer(1, 0, 8),
  /** Seconds that the start command of a spare sandbox runs before it is frozen. */
  ENGINE_WARM_SETTLE_SECONDS: integer(5, 0, 600),
  /** Processes and threads in one sandbox. */
  ENGINE_PIDS: integer(2048, 64, 32_768),
  /** MiB a second that a sandbox may read from its disk, and write to it; 0: no limit. */
  ENGINE_DISK_MBPS: integer(500, 0, 100_000),
  /** Below this much free space (MiB) under the data folder nothing new is created. */
  ENGINE_MIN_FREE_MB: integer(512, 0, 1_000_000),
  /** With less memory (MiB) available than this nothing new is started. */
  ENGINE_MIN_FREE_MEMORY_MB: integer(256, 0, 1_000_000),
  /** Paused sandboxes keep their processes for so long (s); 0: until their place or memory is needed. */
  ENGINE_HIBERNATE_AFTER_SECONDS: integer(0, 0, 31_536_000),
  /** With less memory (MiB) available than this, the longest-paused sandboxes are stopped. */
  ENGINE_HIBERNATE_BELOW_MB: integer(Math.round(Math.min(1024, totalmem() / 2 ** 20 / 10)), 0, 1_000_000),
  /** Seconds after which the kernel takes back what memory of a paused sandbox it can; 0: never. */
  ENGINE_RECLAIM_AFTER_SECONDS: integer(60, 0, 31_536_000),
  /** Compressed memory (MiB) that the engine sets up as the machine's swap while it runs; 0: none. */
  ENGINE_ZRAM_MB: integer(0, 0, 1_000_000),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type EngineConfig = {
  dataDir: string;
  /** Mounts and bundles: what must vanish with the machine. */
  runDir: string;
  imageCacheDir: string;
  registries: string[];
  imageMaxMb: number;
  port: number;
  host: string;
  /** 0: none. */
  tlsPort: number;
  instance: string;
  subnet: string;
  hostAllow: string[];
  egressAllow: string[];
  domain: string;
  runtime: string;
  seccompProfile: string;
  maxRunning: number;
  startConcurrency: number;
  startQueue: number;
  warmPool: number;
  warmSettleSeconds: number;
  pids: number;
  diskMbps: number;
  minFreeMb: number;
  minMemoryMb: number;
  hibernateAfterSeconds: number;
  hibernateBelowMb: number;
  reclaimAfterSeconds: number;
  zramMb: number;
  logLevel: string;
};

export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads the settings from the environment.
 * @throws ConfigError naming every setting that is wrong, not only the first.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): EngineConfig {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = Environment.safeParse(present);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The engine's settings are wrong:\n  ${problems.join('\n  ')}`);
  }
  const value = result.data;
  const dataDir = path.resolve(value.ENGINE_DATA_DIR);
  return {
    dataDir,
    runDir: runDirectory(value.ENGINE_INSTANCE),
    imageCacheDir: path.resolve(value.ENGINE_IMAGE_CACHE ?? path.join(dataDir, 'images')),
    registries: value.ENGINE_REGISTRIES,
    imageMaxMb: value.ENGINE_IMAGE_MAX_MB,
    port: value.ENGINE_PORT,
    host: value.ENGINE_HOST,
    tlsPort: value.ENGINE_TLS_PORT,
    instance: value.ENGINE_INSTANCE,
    subnet: value.ENGINE_SUBNET,
    hostAllow: value.ENGINE_HOST_ALLOW,
    egressAllow: value.ENGINE_EGRESS_ALLOW,
    domain: value.ENGINE_DOMAIN,
    runtime: value.ENGINE_RUNTIME,
    seccompProfile: value.ENGINE_SECCOMP_PROFILE,
    maxRunning: value.ENGINE_MAX_RUNNING,
    startConcurrency: value.ENGINE_START_CONCURRENCY,
    startQueue: value.ENGINE_START_QUEUE,
    warmPool: value.ENGINE_WARM_POOL,
    warmSettleSeconds: value.ENGINE_WARM_SETTLE_SECONDS,
    pids: value.ENGINE_PIDS,
    diskMbps: value.ENGINE_DISK_MBPS,
    minFreeMb: value.ENGINE_MIN_FREE_MB,
    minMemoryMb: value.ENGINE_MIN_FREE_MEMORY_MB,
    hibernateAfterSeconds: value.ENGINE_HIBERNATE_AFTER_SECONDS,
    hibernateBelowMb: value.ENGINE_HIBERNATE_BELOW_MB,
    reclaimAfterSeconds: value.ENGINE_RECLAIM_AFTER_SECONDS,
    zramMb: value.ENGINE_ZRAM_MB,
    logLevel: value.LOG_LEVEL,
  };
}

export function runDirectory(instance: string): string {
  return `/run/shmastra-${instance}`;
}
