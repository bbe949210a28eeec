import { stat, statfs } from 'node:fs/promises';
import { readFileSync, statfsSync } from 'node:fs';
import type { EngineConfig } from '../config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Usage } from '../runtime/cgroup-usage.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import type { SandboxRecord } from '../state/record.ts';
import { ENGINE_VERSION } from '../version.ts';
import type { EngineStatus } from './status.ts';

export type ObserverParts = {
  config: EngineConfig;
  metrics: Metrics;
  port(): number;
  sandboxes(): Sandbox[];
  spares(): number;
  isBuilding(): boolean;
  startsWaiting(): number;
  /** Why nothing new can start; null when it can. */
  refusal(): string | null;
  isStopping(): boolean;
  usage(id: string): Usage | null;
  diskFile(id: string): string;
};

export type Observer = {
  status(): Promise<EngineStatus>;
  metricsText(): Promise<{ type: string; text: string }>;
};

/** What the engine tells of itself, looked up when somebody asks. */
export function createObserver(parts: ObserverParts): Observer {
  const { config, metrics } = parts;
  const startedAt = Date.now();
  const gauges = {
    sandboxes: () => countStates(parts.sandboxes().map(({ record }) => record)),
    spares: parts.spares,
    building: parts.isBuilding,
    startsWaiting: parts.startsWaiting,
    usage: () => sumUsage(parts),
    host: () => hostFigures(config.dataDir),
  };
  return {
    async status() {
      const { bavail, bsize } = await statfs(config.dataDir);
      const diskFree = bavail * bsize;
      const reason = diskFree / 2 ** 20 < config.minFreeMb ? 'The disk of the engine is full' : parts.refusal();
      return {
        version: ENGINE_VERSION,
        pid: process.pid,
        ...{ startedAt, diskFree, port: parts.port() },
        ...{ instance: config.instance, host: config.host, domain: config.domain, dataDir: config.dataDir },
        state: parts.isStopping() ? 'stopping' : reason === null ? 'ready' : 'full',
        ...(reason === null ? {} : { reason }),
        sandboxes: gauges.sandboxes(),
        spares: parts.spares(),
        building: parts.isBuilding(),
        memoryAvailable: memory('MemAvailable'),
      };
    },
    metricsText: async () => ({ type: metrics.contentType, text: await metrics.text(gauges) }),
  };
}

/** `hibernated`: paused without processes; the next resume starts from the disk. */
export function countStates(records: Pick<SandboxRecord, 'state' | 'process'>[]): Record<string, number> {
  const counts = { running: 0, paused: 0, hibernated: 0 };
  for (const { state, process } of records) {
    counts[state === 'paused' && process === null ? 'hibernated' : state] += 1;
  }
  return counts;
}

async function sumUsage({ sandboxes, usage, diskFile }: ObserverParts) {
  const sum = { memory: 0, cpuSeconds: 0, processes: 0, disk: 0 };
  for (const { id, record } of sandboxes()) {
    const used = record.process === null ? null : usage(id);
    sum.memory += used?.memoryBytes ?? 0;
    sum.cpuSeconds += (used?.cpuUsec ?? 0) / 1e6;
    sum.processes += used?.processes ?? 0;
    sum.disk += ((await stat(diskFile(id)).catch(() => null))?.blocks ?? 0) * 512;
  }
  return sum;
}

function hostFigures(dataDir: string) {
  const { bavail, blocks, bsize } = statfsSync(dataDir);
  return {
    memoryAvailable: memory('MemAvailable'),
    memoryTotal: memory('MemTotal'),
    diskFree: bavail * bsize,
    diskTotal: blocks * bsize,
  };
}

/** A line of /proc/meminfo, in bytes. */
function memory(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/meminfo', 'latin1'));
  return Number(line?.[1] ?? 0) * 1024;
}
