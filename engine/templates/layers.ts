import path from 'node:path';
import type { LayerStore } from './layer-store.ts';

/** Between the names of layers in records and their folders. */
export type Layers = {
  imageRef: (directory: string) => string;
  directory: (ref: string) => string;
  /** The name of a folder in one of the two stores; undefined for any other. */
  ref: (directory: string) => string | undefined;
};

export function createLayers(imageCacheDir: string, store: LayerStore): Layers {
  return {
    imageRef: (directory) => `image:${path.basename(directory)}`,
    directory: (ref) => {
      const [kind, name = ''] = ref.split(':');
      return kind === 'image' ? path.join(imageCacheDir, name) : store.path(name);
    },
    ref: (directory) => {
      const name = path.basename(directory);
      if (path.join(imageCacheDir, name) === directory) return `image:${name}`;
      return store.path(name) === directory ? `layer:${name}` : undefined;
    },
  };
}
