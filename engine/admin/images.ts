import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ConflictError, NotFoundError } from '../api/errors.ts';
import { sizesOf } from '../prune/size.ts';
import { removePrunable } from '../prune/plan.ts';
import type { SandboxRecord } from '../state/record.ts';
import type { Templates } from '../sandboxes/types.ts';

/** A layer of an image on the engine's disk. */
export const ImageFacts = z.object({
  /** Of its folder: `node-22-0123456789abcdef`. */
  layer: z.string(),
  /** The image of a registry that it is, with its digest. */
  image: z.string().nullable(),
  bytes: z.number(),
  /** Names of templates that stand on it. */
  templates: z.array(z.string()),
  sandboxes: z.number(),
});
export type ImageFacts = z.infer<typeof ImageFacts>;

export const PullRequest = z.object({
  image: z.string().min(1).max(500),
  login: z.object({ username: z.string().min(1), password: z.string().min(1) }).optional(),
});
export type PullRequest = z.infer<typeof PullRequest>;
/** Each line of the answer to a pull; the last one says how it ended. */
export const PullProgress = z.union([
  z.object({ line: z.string() }),
  z.object({ done: z.string() }),
  z.object({ error: z.string() }),
]);
export type PullProgress = z.infer<typeof PullProgress>;
export const RemoveRequest = z.object({ layer: z.string() });

const LAYER = /^(base|node-[\d.]+|oci)-[0-9a-f]{16}$/;

export type ImageParts = {
  imageCacheDir: string;
  templates: Pick<Templates, 'images' | 'unusedLayers'>;
  records(): SandboxRecord[];
};

export async function listImages({ imageCacheDir, templates, records }: ImageParts): Promise<ImageFacts[]> {
  const names = (await readdir(imageCacheDir).catch((): string[] => [])).filter((name) => LAYER.test(name));
  const fetched = new Map((await templates.images.fetched()).map((stored) => [stored.layer, stored]));
  const sizes = await sizesOf(names.map((name) => path.join(imageCacheDir, name)));
  return names
    .map((layer, index) => {
      const folder = path.join(imageCacheDir, layer);
      const image = fetched.get(folder);
      return {
        layer,
        image: image === undefined ? null : `${image.name} (${image.digest})`,
        bytes: sizes[index] ?? 0,
        templates: templates.images.usersOf(folder),
        sandboxes: records().filter((record) => record.layers.includes(folder)).length,
      };
    })
    .sort((a, b) => a.layer.localeCompare(b.layer));
}

/** @throws NotFoundError; ConflictError when something stands on it, or may: then nothing is removed */
export async function removeImage({ imageCacheDir, templates }: ImageParts, layer: string): Promise<void> {
  const folder = path.join(imageCacheDir, layer);
  const names = await readdir(imageCacheDir).catch((): string[] => []);
  if (!LAYER.test(layer) || !names.includes(layer)) throw new NotFoundError(`there is no image layer ${layer}`);
  const unused = await templates.unusedLayers();
  if (unused === null) throw new ConflictError('something is being built: try again afterwards');
  if (!unused.images.includes(folder))
    throw new ConflictError(`a template, a sandbox or a recent create stands on ${layer}`);
  await removePrunable([{ what: 'image layer', path: folder, bytes: 0 }]);
}
