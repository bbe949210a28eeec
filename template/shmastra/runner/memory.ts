import { readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
const MIB = 1024 * 1024;
/** What a cgroup without a limit says is far above this. */
const NO_LIMIT = 2 ** 50;

/** What a process holds in memory, in MiB; 0 for one that is gone. */
export function residentMb(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const [, pages] = read(`/proc/${pid}/statm`).split(' ');
  return (Number(pages ?? 0) * PAGE_BYTES) / MIB;
}

/** What can still be taken on this machine and in this sandbox, in MiB. */
export function availableMb(): number {
  const free = Number(/^MemAvailable:\s+(\d+) kB/m.exec(read('/proc/meminfo'))?.[1] ?? Number.POSITIVE_INFINITY) / 1024;
  return Math.min(free, cgroupFreeMb());
}

function cgroupFreeMb(): number {
  const [limit, used] = [
    ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory.current'],
    ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/memory.usage_in_bytes'],
  ]
    .map((files) => files.map((file) => Number.parseInt(read(file), 10)))
    .find((values) => values.every(Number.isFinite)) ?? [NO_LIMIT, 0];
  return limit === undefined || used === undefined || limit >= NO_LIMIT
    ? Number.POSITIVE_INFINITY
    : (limit - used) / MIB;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
