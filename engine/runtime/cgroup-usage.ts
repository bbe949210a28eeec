import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What a sandbox takes of the machine, as its cgroup counts it. */
export type Usage = {
  /** CPU time since the start of its processes, in microseconds. */
  cpuUsec: number;
  /** All memory that counts against its limit, in bytes. */
  memoryBytes: number;
  /** The part of it that is page cache, in bytes: given back when memory gets short. */
  cacheBytes: number;
  processes: number;
};

/**
 * Reads the counters of cgroups, v1 and v2.
 * @returns null for a cgroup that does not exist (a sandbox without processes)
 */
export function createUsageReader(root = '/sys/fs/cgroup'): (cgroup: string) => Usage | null {
  return existsSync(path.join(root, 'cgroup.controllers')) ? readVersion2(root) : readVersion1(root);
}

function readVersion1(root: string) {
  return (cgroup: string): Usage | null => {
    const read = (controller: string, file: string) => readText(path.join(root, controller, cgroup, file));
    const memory = read('memory', 'memory.usage_in_bytes');
    if (memory === null) return null;
    return {
      cpuUsec: Math.round(number(read('cpuacct', 'cpuacct.usage')) / 1000),
      memoryBytes: number(memory),
      cacheBytes: field(read('memory', 'memory.stat'), 'total_cache'),
      processes: number(read('pids', 'pids.current')),
    };
  };
}

function readVersion2(root: string) {
  return (cgroup: string): Usage | null => {
    const read = (file: string) => readText(path.join(root, cgroup, file));
    const memory = read('memory.current');
    if (memory === null) return null;
    return {
      cpuUsec: field(read('cpu.stat'), 'usage_usec'),
      memoryBytes: number(memory),
      cacheBytes: field(read('memory.stat'), 'file'),
      processes: number(read('pids.current')),
    };
  };
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return null;
  }
}

const number = (text: string | null) => Number(text?.trim() || 0);

function field(text: string | null, name: string): number {
  const line = text?.split('\n').find((entry) => entry.startsWith(`${name} `));
  return number(line?.slice(name.length + 1) ?? null);
}
