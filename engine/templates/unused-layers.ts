import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Build } from './records.ts';

/** Folders of layers: those of build steps, and those of images, which an image cache may share among engines. */
export type LayerFolders = { layersDir: string; imageCacheDir: string };

/**
 * Layers that neither a build's result nor anything in `inUse` (folders) stands on. To be asked while no build runs: one
 * stands on layers that nothing names yet.
 */
export async function findUnusedLayers(
  folders: LayerFolders,
  builds: Build[],
  inUse: Iterable<string>,
): Promise<{ layers: string[]; images: string[] }> {
  const used = new Set(inUse);
  for (const ref of builds.flatMap((build) => build.result?.layers ?? [])) {
    const [kind, name = ''] = ref.split(':');
    used.add(path.join(kind === 'image' ? folders.imageCacheDir : folders.layersDir, name));
  }
  const unused = async (directory: string, pattern: RegExp) =>
    (await readdir(directory).catch((): string[] => []))
      .filter((name) => pattern.test(name))
      .map((name) => path.join(directory, name))
      .filter((folder) => !used.has(folder));
  return {
    layers: await unused(folders.layersDir, /^[0-9a-f]{16}$/),
    images: await unused(folders.imageCacheDir, /^(base|node-[\d.]+|oci)-[0-9a-f]{16}$/),
  };
}
