import { open, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { DiskFullError, HostError } from '../api/errors.ts';
import { command, CommandError } from '../runtime/command.ts';
import { waitUntil } from '../runtime/wait.ts';
import { toldAsDiskFull } from './disk-full.ts';
import { mountsBelow } from './mounts.ts';

/** A disk of some GiB on a slow host; after this the copy is given up. */
const COPY_TIMEOUT_MS = 600_000;
/** Writing out what waits for a busy disk can take its time. */
const FREEZE_TIMEOUT_MS = 60_000;

/**
 * Runs `task` while nothing can change the file system mounted at `mountPoint`: everything written before is in its image
 * then, which is whole and needs no recovery. Processes that could write have to stand still before: one that waits for
 * a frozen file system cannot be frozen itself.
 */
export async function whileQuiet<T>(mountPoint: string, task: () => Promise<T>): Promise<T> {
  try {
    await command('fsfreeze', ['--freeze', mountPoint], { timeoutMs: FREEZE_TIMEOUT_MS });
    return await task();
  } finally {
    await letGo(mountPoint);
  }
}

/** Left frozen, it would have the sandbox hang for ever. */
async function letGo(mountPoint: string): Promise<void> {
  if (await waitUntil(() => unfreeze(mountPoint), FREEZE_TIMEOUT_MS, 100)) return;
  throw new HostError(`${mountPoint} stays frozen`);
}

/**
 * Lets go of file systems below `directory` that an engine that was killed left frozen. To be called before they are
 * unmounted: a frozen one would keep its loop device for ever.
 */
export async function unfreezeBelow(directory: string): Promise<void> {
  for (const target of mountsBelow(directory)) {
    if (path.basename(target) === 'disk') await unfreeze(target);
  }
}

/** @returns whether it is not frozen (any more) */
async function unfreeze(mountPoint: string): Promise<boolean> {
  try {
    await command('fsfreeze', ['--unfreeze', mountPoint], { timeoutMs: FREEZE_TIMEOUT_MS });
    return true;
  } catch (error) {
    // It was not frozen, which is what was wanted.
    return error instanceof CommandError && /Invalid argument/.test(error.stderr);
  }
}

/**
 * Copies the used blocks of a disk's image. `target` is there whole or not at all; see `settleCopy` for power failures.
 * @param minFreeMb space (MiB) that has to be left on the host's disk
 * @param signal ends the copy
 * @throws DiskFullError, HostError
 */
export async function copyImage(file: string, target: string, minFreeMb: number, signal: AbortSignal): Promise<void> {
  const [{ blocks }, { bavail, bsize }] = await Promise.all([stat(file), statfs(path.dirname(target))]);
  if (bavail * bsize - blocks * 512 < minFreeMb * 2 ** 20) throw new DiskFullError();
  const temporary = `${target}.tmp`;
  try {
    await command('cp', ['--sparse=auto', '--reflink=auto', file, temporary], { timeoutMs: COPY_TIMEOUT_MS, signal });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw toldAsDiskFull(error);
  }
}

/** Resolves once `file` outlives a power failure. */
export async function settleCopy(file: string): Promise<void> {
  await using handle = await open(file, 'r');
  await handle.sync();
}
