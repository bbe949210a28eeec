import { readFileSync } from 'node:fs';

/** Names one process beyond its pid, which the kernel gives to others after a while. */
export type ProcessIdentity = { pid: number; startTicks: string; boot: string };

/** When a process started, in clock ticks since boot (field 22 of /proc/<pid>/stat); null when there is no such process. */
export function startTicks(pid: number, read = readProc): string | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const dead = fields[0] === 'Z' || fields[0] === 'X';
  return dead ? null : (fields[19] ?? null);
}

/** The identity of a process that runs now; null when it does not. */
export function identify(pid: number, read = readProc): ProcessIdentity | null {
  const ticks = startTicks(pid, read);
  return ticks === null ? null : { pid, startTicks: ticks, boot: bootId(read) };
}

/** True while exactly this process runs: neither ended, nor its pid taken by another, nor from before a reboot. */
export function isRunning(identity: ProcessIdentity, read = readProc): boolean {
  return bootId(read) === identity.boot && startTicks(identity.pid, read) === identity.startTicks;
}

function bootId(read: typeof readProc): string {
  return read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function readProc(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
