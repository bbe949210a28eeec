import { lstat, readdir } from 'node:fs/promises';

/**
 * Whether something lies at a path, or above it, that no commit holds: an ignored file, such as a database. It is left
 * alone then. `tracked` are the files of the tree that is checked out; names are bytes, one per character.
 */
export async function isTaken(projectDir: string, path: string, tracked: Set<string>): Promise<boolean> {
  const parts = path.split('/');
  for (let count = 1; count <= parts.length; count++) {
    const name = parts.slice(0, count).join('/');
    if (tracked.has(name)) return false;
    const found = await lstat(locate(projectDir, name)).catch(() => undefined);
    if (found === undefined) return false;
    if (!found.isDirectory()) return true;
  }
  return holdsOthers(projectDir, path, tracked);
}

/** Whether a folder, which is to become a file, holds something besides tracked files. */
async function holdsOthers(projectDir: string, folder: string, tracked: Set<string>): Promise<boolean> {
  const entries = await readdir(locate(projectDir, folder), { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries) {
    const path = `${folder}/${entry.name.toString('latin1')}`;
    if (tracked.has(path)) continue;
    if (!entry.isDirectory() || (await holdsOthers(projectDir, path, tracked))) return true;
  }
  return false;
}

function locate(projectDir: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${projectDir}/`), Buffer.from(path, 'latin1')]);
}
