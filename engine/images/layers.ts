import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { unmountBelow } from '../disk/mounts.ts';
import { withCacheLock } from './cache-lock.ts';
import { shiftOwners } from './shift-owners.ts';

/** How a layer is made in a folder that does not exist yet. Its name changes whenever the outcome would. */
export type Recipe = { name: string; build: (folder: string) => Promise<void> };

/**
 * The folder of a finished layer in `cacheDir`, which several engines may share; it is made when it is not there yet.
 * @throws what `recipe.build` throws
 */
export async function ensureLayer(cacheDir: string, recipe: Recipe, onLine: (line: string) => void): Promise<string> {
  const target = path.join(cacheDir, recipe.name);
  if (await exists(target)) return target;
  const onWait = () => onLine(`Waiting for another engine that makes ${recipe.name}`);
  return withCacheLock(`${target}.lock`, onWait, async () => {
    if (await exists(target)) return target;
    await removeLeftovers(cacheDir, recipe.name);
    const temporary = `${target}.${process.pid}.tmp`;
    onLine(`Making the image layer ${recipe.name}`);
    try {
      await mkdir(path.dirname(temporary), { recursive: true });
      await recipe.build(temporary);
      await shiftOwners(temporary);
      await rename(temporary, target);
    } catch (error) {
      await removeBuild(temporary);
      throw error;
    }
    return target;
  });
}

/** What interrupted builds of this layer left; nobody else works on it while the lock is held. */
async function removeLeftovers(cacheDir: string, name: string): Promise<void> {
  const names = await readdir(cacheDir);
  for (const found of names.filter((file) => file.startsWith(`${name}.`) && file.endsWith('.tmp'))) {
    await removeBuild(path.join(cacheDir, found));
  }
}

/** What is mounted in it is no part of it, and would keep it from being removed. */
async function removeBuild(folder: string): Promise<void> {
  await unmountBelow(folder);
  await rm(folder, { recursive: true, force: true });
}

export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
