import { chmodSync, lchownSync, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { SHIFTED_ROOT, SHIFTED_SIZE } from '../runtime/oci-config.ts';

/** Set-uid, set-gid: a change of the owner clears them. */
const SPECIAL_BITS = 0o6000;

function shift(file: string): void {
  const stat = lstatSync(file);
  if (stat.uid >= SHIFTED_SIZE || stat.gid >= SHIFTED_SIZE)
    throw new Error(`${file} is owned by ${stat.uid}:${stat.gid}`);
  lchownSync(file, stat.uid + SHIFTED_ROOT, stat.gid + SHIFTED_ROOT);
  if (!stat.isSymbolicLink() && stat.mode & SPECIAL_BITS) chmodSync(file, stat.mode & 0o7777);
}

/**
 * Gives every file below `root` the ids it has inside sandboxes (0 becomes SHIFTED_ROOT), once, so that nothing has to be
 * mapped when the tree is mounted. Hard links are shifted once.
 */
export async function shiftOwners(root: string): Promise<void> {
  const linked = new Set<string>();
  const visit = async (folder: string): Promise<void> => {
    // One folder at a time is synchronous: fast, and others get their turn in between.
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      const stat = lstatSync(file);
      const key = `${stat.dev}:${stat.ino}`;
      if (stat.nlink > 1 && !stat.isDirectory()) {
        if (linked.has(key)) continue;
        linked.add(key);
      }
      shift(file);
      if (entry.isDirectory()) await visit(file);
    }
  };
  shift(root);
  await visit(root);
}
