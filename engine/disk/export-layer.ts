import { mkdir, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { DiskFullError } from '../api/errors.ts';
import { command } from '../runtime/command.ts';
import { toldAsDiskFull } from './disk-full.ts';

/**
 * Copies the upper directory of an overlay, mounted at `<dir>/disk`, to `targetDir`, with whiteouts (device nodes 0/0),
 * opaque marks (trusted.overlay.* attributes), hard links and numeric owners. Nothing may write to it meanwhile.
 * @param minFreeMb space (MiB) that has to be left on the host's disk
 * @param signal ends the copy
 * @throws DiskFullError, HostError; `targetDir` is gone then.
 */
export async function copyUpper(
  dir: string,
  targetDir: string,
  minFreeMb: number,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(path.dirname(targetDir), { recursive: true });
  const [used, host] = await Promise.all([statfs(path.join(dir, 'disk')), statfs(path.dirname(targetDir))]);
  const bytes = (used.blocks - used.bfree) * used.bsize;
  const hasNodes = host.files === 0 || host.ffree > used.files - used.ffree;
  if (!hasNodes || host.bavail * host.bsize - bytes < minFreeMb * 2 ** 20) throw new DiskFullError();
  const upper = path.join(dir, 'disk/upper');
  try {
    await command('cp', ['--archive', '--no-target-directory', '--reflink=auto', '--sparse=auto', upper, targetDir], {
      timeoutMs: 600_000,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    await rm(targetDir, { recursive: true, force: true });
    throw toldAsDiskFull(error);
  }
}
