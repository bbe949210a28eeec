import { chown, mkdir, readdir, rename, rm, statfs, symlink } from 'node:fs/promises';
import path from 'node:path';
import { DiskFullError } from '../api/errors.ts';
import { SHIFTED_ROOT } from '../runtime/oci-config.ts';
import { command } from '../runtime/command.ts';
import { type BlankImage, readBlankImage } from './blank-image.ts';
import { copyImage, whileQuiet } from './disk-copy.ts';
import { copyUpper } from './export-layer.ts';
import { mountImage, mountOverlay } from './mount.ts';
import { mountsBelow, unmountBelow } from './mounts.ts';
import { untilReleased } from './released.ts';

/** A disk must hold at least its journal and tables. */
const MIN_DISK_MB = 64;
/** Blank images kept in memory, some 100 KB each. */
const BLANKS_KEPT = 4;

/**
 * The writable half of a sandbox: a sparse file with an ext4 of its own, so that a full disk is the sandbox's problem
 * alone. It holds the overlay's upper and work directories, the files bound over /etc, and the console's log.
 */
export type Disks = {
  /** Makes `file` with an empty file system of `sizeMb`; an existing one is left as it is. */
  ensure(file: string, sizeMb: number): Promise<void>;
  /** Mounts the disk at `<dir>/disk` and the overlay of `layers` (lowest first) at `<dir>/rootfs`. */
  mount(file: string, dir: string, layers: string[]): Promise<void>;
  unmount(dir: string): Promise<void>;
  /** Unmounts the overlay only: its upper directory is complete then and can be read. */
  unmountRoot(dir: string): Promise<void>;
  /**
   * Copies the disk of `file`, mounted at `<dir>/disk` or nowhere, as it is now. Processes that write to it must be
   * frozen. @throws DiskFullError, HostError
   */
  copy(file: string, dir: string, target: string, signal: AbortSignal): Promise<void>;
  /**
   * Copies the upper directory of the disk of `file`, as `copyUpper` does. A disk that is not mounted is, meanwhile, at
   * `<dir>/disk`. @throws DiskFullError, HostError; `target` is gone then.
   */
  copyUpper(file: string, dir: string, target: string, signal?: AbortSignal): Promise<void>;
};

/** @param cacheDir keeps one formatted, empty image per size: a copy of its few used blocks is faster than mkfs. */
export function createDisks(cacheDir: string, minFreeMb: number): Disks {
  const blanks = new Map<number, Promise<BlankImage>>();

  async function formatted(sizeMb: number): Promise<string> {
    const file = path.join(cacheDir, `ext4-${sizeMb}.img`);
    if (await exists(file)) return file;
    await mkdir(cacheDir, { recursive: true });
    await removeLeftovers(cacheDir, path.basename(file));
    const temporary = `${file}.${process.pid}.tmp`;
    await command('truncate', ['--size', `${sizeMb}M`, temporary]);
    await command('mkfs.ext4', [
      ...['-q', '-F', '-m', '0', '-J', 'size=8', '-O', '^resize_inode'],
      // Tables are written when they are used, which keeps the file sparse.
      ...['-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard', temporary],
    ]);
    await rename(temporary, file);
    return file;
  }

  function blank(sizeMb: number): Promise<BlankImage> {
    const known = blanks.get(sizeMb);
    if (known !== undefined) return known;
    const image = formatted(sizeMb).then(readBlankImage);
    blanks.set(sizeMb, image);
    // The next one tries again.
    image.catch(() => blanks.delete(sizeMb));
    // Templates have few sizes; the one that was asked for longest ago can be read again.
    if (blanks.size > BLANKS_KEPT) blanks.delete(blanks.keys().next().value ?? sizeMb);
    return image;
  }

  return {
    async ensure(file, sizeMb) {
      if (await exists(file)) return;
      const { bavail, bsize } = await statfs(path.dirname(file));
      if ((bavail * bsize) / 2 ** 20 < minFreeMb) throw new DiskFullError();
      const size = Math.max(MIN_DISK_MB, sizeMb);
      const temporary = `${file}.tmp`;
      await (await blank(size)).copyTo(temporary);
      await rename(temporary, file);
    },

    async mount(file, dir, layers) {
      const mounted = new Set(mountsBelow(dir));
      const disk = path.join(dir, 'disk');
      const rootfs = path.join(dir, 'rootfs');
      await Promise.all([mkdir(disk, { recursive: true }), mkdir(rootfs, { recursive: true })]);
      if (!mounted.has(disk)) await mountImage(file, disk);
      if (mounted.has(rootfs)) return;
      await Promise.all(
        ['upper', 'work', 'etc'].map((name) => mkdir(path.join(disk, name), { recursive: true, mode: 0o755 })),
      );
      // The upper directory itself is the sandbox's `/`.
      await chown(path.join(disk, 'upper'), SHIFTED_ROOT, SHIFTED_ROOT);
      // Short names: the kernel takes one page of mount options, which long paths of many layers would exceed.
      const links = layers.map((_, index) => `l${index}`);
      for (const [index, layer] of layers.entries()) {
        await rm(path.join(dir, `l${index}`), { force: true });
        await symlink(layer, path.join(dir, `l${index}`));
      }
      await mountOverlay(dir, links.toReversed());
    },

    unmount: unmountBelow,
    unmountRoot: (dir) => unmountBelow(path.join(dir, 'rootfs')),

    async copy(file, dir, target, signal) {
      const disk = path.join(dir, 'disk');
      const copy = () => copyImage(file, target, minFreeMb, signal);
      if (mountsBelow(disk).length > 0) return whileQuiet(disk, copy);
      await untilReleased(file);
      await copy();
    },

    async copyUpper(file, dir, target, signal) {
      const disk = path.join(dir, 'disk');
      if (mountsBelow(disk).length > 0) return copyUpper(dir, target, minFreeMb, signal);
      await mkdir(disk, { recursive: true });
      await mountImage(file, disk);
      try {
        await copyUpper(dir, target, minFreeMb, signal);
      } finally {
        await unmountBelow(disk);
      }
    },
  };
}

/** What a run that was cut short had begun. */
async function removeLeftovers(cacheDir: string, name: string): Promise<void> {
  for (const found of await readdir(cacheDir)) {
    if (found.startsWith(`${name}.`) && found.endsWith('.tmp')) await rm(path.join(cacheDir, found), { force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return statfs(file).then(
    () => true,
    () => false,
  );
}
