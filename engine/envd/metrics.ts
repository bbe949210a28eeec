import { readFileSync, statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** What GET /metrics answers, in E2B's names; sizes in bytes unless they say otherwise. */
export type Metrics = {
  /** Seconds since 1970. */
  ts: number;
  cpu_count: number;
  /** Of all CPUs that the sandbox has, since the last call. */
  cpu_used_pct: number;
  mem_total_mib: number;
  mem_used_mib: number;
  mem_total: number;
  mem_used: number;
  mem_cache: number;
  disk_used: number;
  disk_total: number;
};

/** Files of cgroup v2 and, where there are none of these, of v1. */
const MEMORY = {
  limit: ['memory.max', 'memory/memory.limit_in_bytes'],
  used: ['memory.current', 'memory/memory.usage_in_bytes'],
  stat: ['memory.stat', 'memory/memory.stat'],
};
const CPU = {
  quota: ['cpu.max', 'cpu/cpu.cfs_quota_us'],
  used: ['cpu.stat', 'cpuacct/cpuacct.usage'],
};
/** Period of the CPU quota of v1, in us: the kernel's default, which the engine keeps. */
const PERIOD_US = 100_000;

/** Reads the sandbox's own limits and use: /proc shows those of the whole machine. */
export class MetricsReader {
  readonly #cgroup: string;
  readonly #now: () => number;
  #last: { atMs: number; usedUs: number } | undefined;

  /** @param cgroup Where the control groups are mounted. @param now Milliseconds since 1970. */
  constructor(now: () => number, cgroup = '/sys/fs/cgroup') {
    this.#now = now;
    this.#cgroup = cgroup;
  }

  read(): Metrics {
    const memory = this.#memory();
    const cpus = this.#cpuCount();
    const disk = statfsSync('/');
    const mib = (bytes: number) => Math.floor(bytes / 1024 / 1024);
    return {
      ts: Math.floor(this.#now() / 1000),
      cpu_count: Math.max(1, Math.ceil(cpus)),
      cpu_used_pct: this.#cpuUsedPercent(cpus),
      mem_total_mib: mib(memory.total),
      mem_used_mib: mib(memory.used),
      mem_total: memory.total,
      mem_used: memory.used,
      mem_cache: memory.cache,
      disk_used: (disk.blocks - disk.bavail) * disk.bsize,
      disk_total: disk.blocks * disk.bsize,
    };
  }

  #memory(): { total: number; used: number; cache: number } {
    const machine = Number(/MemTotal:\s+(\d+)/.exec(readText('/proc/meminfo'))?.[1] ?? 0) * 1024;
    // `max`, and a number near 2^63 in v1, are no limit.
    const limit = Number(this.#text(MEMORY.limit));
    const stat = this.#text(MEMORY.stat);
    const cache = Number(/^(?:file|total_cache) (\d+)/m.exec(stat)?.[1] ?? 0);
    const used = Number(this.#text(MEMORY.used)) - cache;
    return { total: limit > 0 && limit < machine ? limit : machine, used: Math.max(0, used), cache };
  }

  #cpuCount(): number {
    const [quota, period = PERIOD_US] = this.#text(CPU.quota).split(' ').map(Number);
    return quota !== undefined && quota > 0 ? quota / period : availableParallelism();
  }

  #cpuUsedPercent(cpus: number): number {
    const text = this.#text(CPU.used);
    const inMicroseconds = /usage_usec (\d+)/.exec(text)?.[1];
    const usedUs = inMicroseconds === undefined ? Number(text) / 1000 : Number(inMicroseconds);
    const [last, atMs] = [this.#last, this.#now()];
    this.#last = { atMs, usedUs };
    if (!last || atMs <= last.atMs) return 0;
    const percent = ((usedUs - last.usedUs) / 1000 / (atMs - last.atMs) / cpus) * 100;
    return Math.round(Math.max(0, percent) * 100) / 100;
  }

  #text(files: string[]): string {
    for (const file of files) {
      const text = readText(`${this.#cgroup}/${file}`);
      if (text !== '') return text;
    }
    return '';
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
