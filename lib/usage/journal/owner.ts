import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** Which process writes a journal. A pid alone may be another process's by now. */
export const ownerSchema = z.object({
  instance: z.string(),
  host: z.string(),
  /** Boot and pid namespace in which the pid means something. */
  space: z.string(),
  pid: z.number().int(),
  /** When the process began, in the kernel's ticks. */
  startedAt: z.string(),
});
export type Owner = z.output<typeof ownerSchema>;

export function ownerOfThisProcess(instance: string): Owner {
  return { instance, host: hostname(), space: pidSpace(), pid: process.pid, startedAt: startOf(process.pid) ?? '' };
}

/** Whether the process still runs: `unknown` for one of another machine or container. */
export function isAlive(owner: Owner): 'alive' | 'dead' | 'unknown' {
  if (owner.host !== hostname()) return 'unknown';
  // Another boot of this machine, or another container under the same name.
  if (owner.space !== pidSpace()) return owner.space.split(' ')[0] === pidSpace().split(' ')[0] ? 'unknown' : 'dead';
  const started = startOf(owner.pid);
  return started !== null && started === owner.startedAt ? 'alive' : 'dead';
}

function pidSpace(): string {
  return `${read('/proc/sys/kernel/random/boot_id') ?? 'unknown'} ${link('/proc/self/ns/pid') ?? 'unknown'}`;
}

/** Field 22 of /proc/<pid>/stat; a name in it may have blanks and brackets. A zombie runs no more. */
function startOf(pid: number): string | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
