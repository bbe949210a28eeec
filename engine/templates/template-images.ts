import path from 'node:path';
import type { ImageStore } from '../images/image-store.ts';
import { parseImage } from '../images/references.ts';
import type { Templates } from '../sandboxes/types.ts';
import type { Layers } from './layers.ts';
import type { TemplateStore } from './template-store.ts';

/** The images below templates, for whoever looks after the engine. */
export function createTemplateImages(parts: {
  store: TemplateStore;
  images: ImageStore;
  layerRefs: Layers;
}): Templates['images'] {
  const { store, images, layerRefs } = parts;
  return {
    async pull(image, login, onLine) {
      const found = parseImage(image, login !== undefined);
      if (found.kind === 'registry') {
        const { layer, digest } = await images.fetch(found, login, onLine);
        return `${image} is ${path.basename(layer)} (${digest})`;
      }
      const { layers } = await images.ensure(found, onLine);
      return `${image} is ${layers.map((layer) => path.basename(layer)).join(' and ')}`;
    },
    fetched: () => images.fetched(),
    usersOf: (folder) =>
      store
        .templates()
        .filter(({ templateID }) =>
          store.builds(templateID).some((build) => build.result?.layers.map(layerRefs.directory).includes(folder)),
        )
        .map(({ name }) => name),
  };
}
