import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unmountBelow } from '../../disk/mounts.ts';
import { command } from '../../runtime/command.ts';
import { ImageBuildError, runWithProgress } from '../host-program.ts';
import { checkRoot } from './check-root.ts';
import { findInRoot } from './in-root.ts';
import { missingPrograms, tooLarge } from './skopeo.ts';

const UNPACK_MS = 20 * 60_000;
const COPY_MS = 20 * 60_000;

/** Files that the engine puts its own over in every sandbox. */
const MOUNTED_OVER = ['resolv.conf', 'hosts', 'hostname'];

/**
 * Runs `action` with a folder on a file system of its own, of `maxMb`: an image that is larger than it says fills that
 * and no more, and device files in it cannot be opened. It is gone afterwards; after a crash the next start of the
 * engine unmounts it, and its space is free then.
 * @param runDir the engine's folder of mounts
 * @param scratch a folder on the disk that gets the space
 */
export async function withWorkArea<T>(
  parts: { runDir: string; scratch: string; maxMb: number },
  action: (folder: string) => Promise<T>,
): Promise<T> {
  const id = `pull${randomBytes(6).toString('hex')}`;
  const folder = path.join(parts.runDir, id);
  const image = path.join(parts.scratch, `${id}.img`);
  await mkdir(path.join(folder, 'work'), { recursive: true, mode: 0o700 });
  try {
    await mkdir(parts.scratch, { recursive: true });
    await writeFile(image, '', { mode: 0o600 });
    await command('truncate', ['--size', `${parts.maxMb}M`, image]);
    await command('mkfs.ext4', ['-q', '-F', '-m', '0', '-O', '^has_journal', '-E', 'nodiscard', image], {
      timeoutMs: 60_000,
    });
    await command('mount', ['-o', 'loop,discard,noatime,nodev,nosuid,noexec', image, path.join(folder, 'work')]);
    // The mount holds the file; without a name nothing is left of it when that ends.
    await rm(image);
    return await action(path.join(folder, 'work'));
  } finally {
    await rm(image, { force: true });
    await unmountBelow(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Unpacks the OCI layout `<work>/oci` and copies what a sandbox may have of it to `target`: no device files, no sockets,
 * no extended attributes (capabilities of files would count on the host, marks of overlayfs would hide files).
 * @throws ImageBuildError
 */
export async function unpackImage(
  work: string,
  target: string,
  name: string,
  limits: { minFreeMb: number },
  onLine: (line: string) => void,
): Promise<void> {
  const bundle = path.join(work, 'bundle');
  const root = path.join(bundle, 'rootfs');
  onLine('Unpacking the layers');
  try {
    await runWithProgress('umoci', ['unpack', '--image', `${work}/oci:image`, bundle], {
      onLine: () => {},
      timeoutMs: UNPACK_MS,
    });
  } catch (error) {
    throw describe(error, name);
  }
  await checkRoot(root, name);
  await prepareRoot(root);
  await command('find', [root, '-xdev', '(', '-type', 'b', '-o', '-type', 'c', '-o', '-type', 's', ')', '-delete'], {
    timeoutMs: COPY_MS,
  });
  await checkSpace(root, target, limits.minFreeMb);
  // The cache may be in a folder that everybody may enter, and set-uid programs of an unknown image are no good for the
  // host. Sandboxes do not see this mode: their root folder is the one of their own layer.
  await chmod(root, 0o700);
  onLine('Copying the files');
  await command(
    'cp',
    ['--archive', '--no-preserve=xattr,context', '--sparse=auto', '--no-target-directory', root, target],
    { timeoutMs: COPY_MS },
  );
}

function describe(error: unknown, name: string): unknown {
  const output = error instanceof Error ? error.message : String(error);
  if (output.includes('ENOENT')) return missingPrograms();
  if (/no space left on device/i.test(output)) return new ImageBuildError(tooLarge(name), error);
  const last = output.trim().split('\n').at(-1)?.slice(-300) ?? '';
  return new ImageBuildError(`image '${name}' could not be unpacked: ${last}`, error);
}

/** Makes the places that the engine mounts over plain files and folders, whatever the image has there. */
async function prepareRoot(root: string): Promise<void> {
  const etc = path.join(root, 'etc');
  if (!(await lstat(etc)).isDirectory()) throw new ImageBuildError('/etc of the image is not a folder');
  for (const file of MOUNTED_OVER) {
    await rm(path.join(etc, file), { recursive: true, force: true });
    await writeFile(path.join(etc, file), '', { flag: 'wx', mode: 0o644 });
  }
  await rm(path.join(root, '.engine'), { recursive: true, force: true });
  await mkdir(path.join(root, '.engine'));
  // As in E2B's templates, everybody may install programs there. Here, since a sandbox would have to copy all of it up.
  const local = await findInRoot(root, 'usr/local');
  if (local !== null && (await lstat(local)).isDirectory()) {
    await command('chmod', ['--recursive', 'a+rwX', local], { timeoutMs: COPY_MS });
  }
}

async function checkSpace(root: string, target: string, minFreeMb: number): Promise<void> {
  const { blocks, bfree, bsize } = await statfs(root);
  const needed = ((blocks - bfree) * bsize) / 2 ** 20;
  const parent = path.dirname(target);
  await stat(parent);
  const space = await statfs(parent);
  if ((space.bavail * space.bsize) / 2 ** 20 < needed + minFreeMb) {
    throw new ImageBuildError(`the disk of the engine has no room for the image (${Math.round(needed)} MiB)`);
  }
}
