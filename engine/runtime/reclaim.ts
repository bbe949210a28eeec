import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { command } from './command.ts';

/** Longest that the memory of one sandbox is worked on, in ms. */
const TIMEOUT_MS = 60_000;

/**
 * Has the kernel take back what memory of a frozen cgroup it can: its page cache, and everything else where the machine
 * has swap. Resolves when nothing more can be had, or when `signal` ends it.
 */
export type Reclaim = (cgroup: string, signal: AbortSignal) => Promise<void>;

export function createReclaim(root = '/sys/fs/cgroup'): Reclaim {
  const isVersion2 = existsSync(path.join(root, 'cgroup.controllers'));
  return isVersion2 ? (cgroup, signal) => version2(path.join(root, cgroup), signal) : version1(root);
}

function version1(root: string): Reclaim {
  return async (cgroup, signal) => {
    const file = path.join(root, 'memory', cgroup, 'memory.force_empty');
    if (existsSync(file)) await write(file, '0', signal);
  };
}

async function version2(directory: string, signal: AbortSignal): Promise<void> {
  const file = path.join(directory, 'memory.reclaim');
  // Since Linux 5.19.
  if (!existsSync(file)) return;
  const swap = path.join(directory, 'memory.swap.max');
  // While it runs it may have none; whoever thaws it sets that back.
  if (existsSync(swap)) writeFileSync(swap, 'max');
  await write(file, readFileSync(path.join(directory, 'memory.current'), 'latin1').trim(), signal);
}

/**
 * The kernel works within the write, for seconds, and stops only for a signal: so that a process of its own has to write,
 * which gives way to all others. The kernel answers an error when less could be had than there is, which is usual.
 */
async function write(file: string, value: string, signal: AbortSignal): Promise<void> {
  const script = 'printf %s "$2" > "$1"';
  await command('nice', ['-n', '19', 'sh', '-c', script, 'reclaim', file, value], {
    timeoutMs: TIMEOUT_MS,
    signal,
  }).catch(() => {});
}
