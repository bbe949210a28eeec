import { createHash } from 'node:crypto';
import path from 'node:path';
import { BASE_RECIPE, buildBase, certificateEnvironment } from './base-image.ts';
import { SHIFTED_ROOT } from '../runtime/oci-config.ts';
import { fingerprint, type HostPackages, readHostPackages } from './host-packages.ts';
import { ensureLayer, exists, type Recipe } from './layers.ts';
import { buildNode, NODE_RECIPE } from './node-image.ts';
import { type Credentials } from './oci/credentials.ts';
import { type OciOptions, OciStore, type StoredImage } from './oci/oci-store.ts';
import { type Provisioning, provisioning } from './oci/provision.ts';
import type { RegistryImage } from './oci/reference.ts';
import type { OwnImage } from './references.ts';

export type Image = {
  /** Layer folders, lowest first. */
  layers: string[];
  /** Environment of every command on this image. */
  env: Record<string, string>;
};

export type ImageStore = {
  /**
   * The image's layers; they are made when they are not there yet, which takes about a minute.
   * @param onLine gets the progress.
   * @throws ImageBuildError
   */
  ensure(reference: OwnImage, onLine: (line: string) => void): Promise<Image>;
  /** Whether all of its layers are there. */
  has(reference: OwnImage): Promise<boolean>;
  /**
   * The layer of a registry's image, as it is: it becomes a base for templates by {@link provisioning}.
   * @throws ImageBuildError, BadRequestError
   */
  fetch(
    image: RegistryImage,
    credentials: Credentials | undefined,
    onLine: (line: string) => void,
  ): Promise<StoredImage>;
  provisioning(): Promise<Provisioning>;
  /** Images of registries that are here. */
  fetched(): Promise<StoredImage[]>;
};

/** `options.cacheDir`: the folder of the finished layers; several engines may share it. */
export function createImageStore(options: OciOptions): ImageStore {
  const { cacheDir } = options;
  const registryImages = new OciStore(options);
  // Asked in advance: npm takes a second to say it.
  let asked = readHostPackages();
  asked.catch(() => {});
  const host = () => asked.catch(() => (asked = readHostPackages()));
  const building = new Map<string, Promise<string>>();

  const layer = (recipe: Recipe, onLine: (line: string) => void): Promise<string> => {
    const running = building.get(recipe.name) ?? ensureLayer(cacheDir, recipe, onLine);
    building.set(recipe.name, running);
    return running.finally(() => building.delete(recipe.name));
  };

  const recipesOf = (reference: OwnImage, packages: HostPackages, onLine: (line: string) => void): Recipe[] => {
    const base = baseRecipe(packages, onLine);
    return reference.kind === 'node' ? [base, nodeRecipe(base, reference.version, packages, onLine)] : [base];
  };

  return {
    async has(reference) {
      const recipes = recipesOf(reference, await host(), () => {});
      const found = await Promise.all(recipes.map(({ name }) => exists(path.join(cacheDir, name))));
      return found.every(Boolean);
    },
    async ensure(reference, onLine) {
      const packages = await host();
      const recipes = recipesOf(reference, packages, onLine);
      const layers = await Promise.all(recipes.map((recipe) => layer(recipe, onLine)));
      return { layers, env: { LANG: 'C.UTF-8', ...certificateEnvironment(packages) } };
    },
    fetch: (image, credentials, onLine) => registryImages.ensure(image, credentials, onLine),
    provisioning: async () => provisioning(await host()),
    fetched: () => registryImages.list(),
  };
}

function key(...inputs: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
}

/** Owners are shifted in a finished layer: one of another shift is another layer. The layers above are named after it. */
function baseRecipe(host: HostPackages, onLine: (line: string) => void): Recipe {
  return {
    name: `base-${key(BASE_RECIPE, SHIFTED_ROOT, process.arch, fingerprint(host))}`,
    build: (folder) => buildBase(folder, host, onLine),
  };
}

function nodeRecipe(base: Recipe, version: string, host: HostPackages, onLine: (line: string) => void): Recipe {
  return {
    name: `node-${version}-${key(NODE_RECIPE, base.name, version)}`,
    build: (folder) => buildNode(folder, version, host, onLine),
  };
}
