import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { findOldToolboxes } from '../images/old-toolboxes.ts';
import type { PruneItems } from './request.ts';
import { sizesOf } from './size.ts';

/** Something that nothing stands on. `note` says why it is left where it is. */
export type PruneItem = z.infer<typeof PruneItems>[number];

export type PruneSources = {
  dataDir: string;
  runDir: string;
  imageCacheDir: string;
  /** The running engine's own. */
  toolboxDir?: string;
  /** @see findUnusedLayers; null while a build or a start may stand on layers that nothing names yet */
  unusedLayers(): Promise<{ layers: string[]; images: string[] } | null>;
};

const BUSY = 'kept: something is being built or started; try again afterwards';
const SHARED = 'kept: the image cache may serve other engines; --shared removes it';

/** Images, toolboxes, template layers and caches that nothing stands on, with what they take of the disk in bytes. */
export async function findPrunable(sources: PruneSources, shared: boolean): Promise<PruneItem[]> {
  const { dataDir, runDir, imageCacheDir, toolboxDir } = sources;
  const unused = await sources.unusedLayers();
  const isShared = !imageCacheDir.startsWith(`${dataDir}${path.sep}`);
  const items: { what: string; path: string; note?: string }[] = [
    ...(await findOldToolboxes(dataDir, runDir, toolboxDir)).map((file) => ({ what: 'old toolbox', path: file })),
    ...(unused?.layers ?? []).map((folder) => ({ what: 'template layer', path: folder })),
    ...(unused?.images ?? []).map((folder) => ({
      what: 'image layer',
      path: folder,
      ...(isShared && !shared ? { note: SHARED } : {}),
    })),
  ];
  if (unused === null) items.push({ what: 'layers', path: path.join(dataDir, 'layers'), note: BUSY });
  const sized = items.filter(({ note }) => note !== BUSY);
  const sizes = await sizesOf(sized.map((item) => item.path));
  return items.map((item) => ({ ...item, bytes: sizes[sized.indexOf(item)] ?? 0 }));
}

/** Removes what {@link findPrunable} found, except what it says is kept. */
export async function removePrunable(items: PruneItem[]): Promise<void> {
  for (const item of items) {
    if (item.note !== undefined) continue;
    // Renamed first: a layer is there whole or not at all. What a crash leaves of it is swept with other leftovers.
    const trash = `${item.path}.${process.pid}.tmp`;
    await rename(item.path, trash);
    await rm(trash, { recursive: true, force: true });
    await rm(`${item.path}.json`, { force: true });
  }
}
