import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { command } from '../../engine/runtime/command.ts';
import type { TestEngine } from '../../engine/testing/engine.ts';

const MIB = 2 ** 20;

export type Use = {
  /** MiB on the disk: of all sandboxes, and of what they share (template, caches). */
  sandboxDiskMb: number;
  sharedDiskMb: number;
  /** MiB that all sandboxes' processes and caches have, and that the machine has left. */
  sandboxMemoryMb: number;
  availableMemoryMb: number;
  engineRssMb: number;
};

/** What an engine with its sandboxes takes of the machine now. */
export async function measureUse(engine: TestEngine): Promise<Use> {
  const { dataDir, pid } = engine;
  const sandboxes = await diskMb(path.join(dataDir, 'sandboxes'));
  return {
    sandboxDiskMb: sandboxes,
    sharedDiskMb: (await diskMb(dataDir)) - sandboxes,
    sandboxMemoryMb: cgroupMemory(engine.instance),
    availableMemoryMb: kilobytes('/proc/meminfo', 'MemAvailable'),
    engineRssMb: kilobytes(`/proc/${pid}/status`, 'VmRSS'),
  };
}

async function diskMb(directory: string): Promise<number> {
  const output = await command('du', ['--summarize', '--block-size=1M', directory], { timeoutMs: 120_000 });
  return Number.parseInt(output, 10);
}

function cgroupMemory(instance: string): number {
  const files = [
    `/sys/fs/cgroup/memory/shmastra-${instance}/memory.usage_in_bytes`,
    `/sys/fs/cgroup/shmastra-${instance}/memory.current`,
  ];
  const file = files.find((name) => existsSync(name));
  return file === undefined ? 0 : Math.round(Number(readFileSync(file, 'utf8')) / MIB);
}

function kilobytes(file: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'latin1'));
  return Math.round(Number(match?.[1] ?? 0) / 1024);
}
