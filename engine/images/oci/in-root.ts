import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import path from 'node:path';

/** As the kernel. */
const MAX_LINKS = 40;

/**
 * Where a path of an image really is, every symbolic link followed as if `root` were `/`: links of an unknown image may
 * point at the host's files. Nobody may write to the tree meanwhile.
 * @returns the path on the host, null when there is nothing or the links go in circles
 */
export async function findInRoot(root: string, file: string): Promise<string | null> {
  const left = file.split('/').filter((part) => part !== '' && part !== '.');
  const done: string[] = [];
  for (let links = 0; left.length > 0;) {
    const part = left.shift() ?? '';
    if (part === '..') {
      done.pop();
      continue;
    }
    const current = path.join(root, ...done, part);
    const found = await lstat(current).catch(() => null);
    if (found === null) return null;
    if (!found.isSymbolicLink()) {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return null;
    const target = await readlink(current);
    if (target.startsWith('/')) done.length = 0;
    left.unshift(...target.split('/').filter((name) => name !== '' && name !== '.'));
  }
  return path.join(root, ...done);
}

/** The beginning of a regular file of an image; null when there is none. */
export async function readInRoot(root: string, file: string, maxBytes = 64 * 1024): Promise<string | null> {
  const found = await findInRoot(root, file);
  if (found === null || !(await lstat(found)).isFile()) return null;
  await using handle = await open(found, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(maxBytes), position: 0 });
  return buffer.toString('utf8', 0, bytesRead);
}
