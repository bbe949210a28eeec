import { readFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { command } from '../runtime/command.ts';
import { systemCalls } from '../runtime/system-calls.ts';

/** sys/mount.h */
const MNT_DETACH = 2;

/** Mount points at or below `directory`, in the order in which they have to be unmounted. */
export function mountsBelow(directory: string, mountinfo = readFileSync('/proc/self/mountinfo', 'utf8')): string[] {
  return mountinfo
    .split('\n')
    .map((line) => unescape(line.split(' ')[4] ?? ''))
    .filter((target) => target === directory || target.startsWith(`${directory}/`))
    .toReversed();
}

/** The kernel writes space, tab, newline and backslash as octal escapes. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Unmounts everything at or below `directory`. What is still in use goes away as soon as it is not. */
export async function unmountBelow(directory: string): Promise<void> {
  // The kernel lists where mounts really are, and a link may be on the way.
  const real = await realpath(directory).catch(() => directory);
  for (const target of mountsBelow(real)) {
    try {
      await unmount(target);
    } catch {
      await unmount(target, true);
    }
  }
}

async function unmount(target: string, lazy = false): Promise<void> {
  const calls = systemCalls();
  if (calls === null) await command('umount', [...(lazy ? ['--lazy'] : []), target]);
  else await calls.unmount(target, lazy ? MNT_DETACH : 0);
}
