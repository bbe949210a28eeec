import { mkdir, readFile, rmdir, stat } from 'node:fs/promises';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { run } from '../scripts/bootstrap/run.mjs';
import type { User } from './service-user.ts';

/** Can this user enter the folder, through every folder above it? Asked of the kernel, so ACLs count. */
export async function canReach(folder: string, user: User): Promise<boolean> {
  const { code } = await run('test', ['-x', folder], { ...user, cwd: '/' });
  return code === 0;
}

/**
 * The path under which the service user reaches a folder: its own, or, when a folder above it is closed (a checkout
 * under /root, a private temporary folder), a bind mount.
 */
export async function reachablePath(folder: string, user: User, mountPoint: string): Promise<string> {
  if (await canReach(folder, user)) return folder;
  // Left by a run that was killed: programs that outlived it still use it.
  if (await isSameFolder(folder, mountPoint)) return mountPoint;
  await unmount(mountPoint);
  await mkdir(mountPoint, { recursive: true, mode: 0o755 });
  const { code, output } = await run('mount', ['--bind', folder, mountPoint]);
  if (code !== 0) {
    throw new StartError(`${folder} cannot be read by the service user, and could not be mounted elsewhere for it.`, {
      why: output.trim(),
      next: 'move the checkout to a folder that others can enter, for example under /opt or /srv',
    });
  }
  // Changes of mounts below it (the sandboxes' disks) are for the engine alone to make.
  await run('mount', ['--make-private', mountPoint]);
  return mountPoint;
}

/**
 * A mount opens the folders above, not the files themselves.
 * @throws StartError when the service user cannot read this file.
 */
export async function requireReadable(file: string, user: User, root: string): Promise<void> {
  const { code } = await run('test', ['-r', file], { ...user, cwd: '/' });
  if (code === 0) return;
  throw new StartError('The files of the checkout can be read by their owner alone.', {
    why: `the user that Shmastra Cloud runs as cannot read ${file} (was it cloned with umask 077?)`,
    next: `run: chmod -R go+rX ${root}`,
  });
}

/** Removes a bind mount made by `reachablePath`; what still uses it keeps working until it ends. */
export async function unmount(mountPoint: string): Promise<void> {
  for (let count = 0; count < 8 && (await isMountPoint(mountPoint)); count += 1) {
    const { code } = await run('umount', [mountPoint]);
    if (code !== 0) await run('umount', ['--lazy', mountPoint]);
  }
  await rmdir(mountPoint).catch(() => {});
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(one), stat(other).catch(() => null)]);
  return b !== null && a.dev === b.dev && a.ino === b.ino;
}

async function isMountPoint(folder: string): Promise<boolean> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines.some((line) => line.split(' ')[4] === folder);
}
