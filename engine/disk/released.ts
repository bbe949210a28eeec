import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { HostError } from '../api/errors.ts';
import { waitUntil } from '../runtime/wait.ts';

/** What holds a disk after it is unmounted is a sandbox that is about to start or has just ended. */
const RELEASE_TIMEOUT_MS = 10_000;

/**
 * Resolves once no loop device stands on the image `file`. Unmounted is not let go: a sandbox that starts at the same
 * moment has copies of all mounts until it has left the host's, and the kernel keeps the file system up, with changes
 * that are not written yet, until the last copy is gone. Mounted a second time meanwhile, it would be damaged.
 * @throws HostError when it stays in use
 */
export async function untilReleased(file: string, timeoutMs = RELEASE_TIMEOUT_MS): Promise<void> {
  const image = await realpath(file);
  // All devices are looked at once; nobody but who waits here would add one.
  let holders = readdirSync('/sys/block').filter((name) => name.startsWith('loop'));
  const released = () => {
    holders = holders.filter((device) => backingFile(device) === image);
    return holders.length === 0;
  };
  if (!(await waitUntil(released, timeoutMs, 5))) throw new HostError(`${file} is still in use`);
}

/** Null of a device that has none. */
function backingFile(device: string): string | null {
  const told = `/sys/block/${device}/loop/backing_file`;
  try {
    // Most devices have none, and an exception costs more than a question.
    return existsSync(told) ? readFileSync(told, 'utf8').slice(0, -1) : null;
  } catch {
    return null;
  }
}
