import { BadRequestError, HostError } from '../api/errors.ts';
import type { SnapshotInfo, Snapshots, SnapshotSource } from '../sandboxes/types.ts';
import type { LayerStore } from './layer-store.ts';
import type { Layers } from './layers.ts';
import { BASE_TEMPLATE, DEFAULT_TAG, parseTemplateName } from './names.ts';
import type { Template } from './records.ts';
import type { TemplateStore } from './template-store.ts';

/** Each snapshot of a sandbox that was made from a snapshot adds one; every look-up of a file goes through all. */
const MAX_LAYERS = 128;

/** Snapshots of sandboxes, as templates with one ready build each time. */
export function createSnapshots(parts: { store: TemplateStore; layers: LayerStore; layerRefs: Layers }): Snapshots {
  const { store, layers, layerRefs } = parts;

  const check = (source: SnapshotSource, name: string | undefined) => {
    const parsed = name === undefined ? undefined : parseTemplateName(name);
    if (parsed?.name === BASE_TEMPLATE) throw new BadRequestError(`the template '${BASE_TEMPLATE}' cannot be replaced`);
    if (source.layers.length >= MAX_LAYERS) {
      throw new BadRequestError(
        `Sandbox '${source.id}' stands on ${source.layers.length} layers, the most that a snapshot may have: ` +
          'build a template from its files instead',
      );
    }
    return parsed;
  };

  return {
    async create(source, name, write) {
      const parsed = check(source, name);
      const { env, user, workdir, startCmd, cpuCount, memoryMb } = source;
      const below = source.layers.map((directory) => {
        const ref = layerRefs.ref(directory);
        if (ref === undefined) throw new HostError('a layer of the sandbox is in a folder of another engine');
        return ref;
      });
      const tag = parsed?.tag ?? DEFAULT_TAG;
      const template = await layers.addForRecord(write, (layer) =>
        store.addReady(parsed?.name, tag, source.id, {
          ...{ cpuCount, memoryMb },
          result: {
            layers: layer === null ? below : [...below, `layer:${layer}`],
            settings: { env, user, ...(workdir === undefined ? {} : { workdir }) },
            ...(startCmd === undefined ? {} : { startCmd }),
          },
        }),
      );
      return describe(template, tag);
    },

    list({ sandboxID, name }) {
      const parsed = name === undefined ? undefined : parseTemplateName(name);
      return store
        .templates()
        .filter(({ snapshotOf }) => snapshotOf !== undefined && (sandboxID === undefined || snapshotOf === sandboxID))
        .filter((template) => parsed === undefined || [template.name, template.templateID].includes(parsed.name))
        .flatMap((template) => {
          const tag = parsed?.tag ?? newestTag(template);
          return tag !== undefined && template.tags[tag] !== undefined ? [describe(template, tag)] : [];
        })
        .toSorted((a, b) => compare(b.createdAt, a.createdAt) || compare(b.templateID, a.templateID));
    },
  };
}

function describe({ templateID, name, createdAt }: Template, tag: string): SnapshotInfo {
  return { id: `${name}:${tag}`, names: name === templateID ? [] : [name], templateID, createdAt };
}

function newestTag({ tags }: Template): string | undefined {
  const newestFirst = Object.entries(tags).toSorted(([, a], [, b]) => compare(b.createdAt, a.createdAt));
  return newestFirst[0]?.[0];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
