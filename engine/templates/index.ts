import { stat } from 'node:fs/promises';
import path from 'node:path';
import { killPrograms } from '../images/host-program.ts';
import { createImageStore } from '../images/image-store.ts';
import { BASE_IMAGE } from '../images/references.ts';
import type { ResolvedTemplate, Templates, TemplatesOptions } from '../sandboxes/types.ts';
import { Builds } from './builds.ts';
import { LayerStore } from './layer-store.ts';
import { createLayers, type Layers } from './layers.ts';
import { BASE_TEMPLATE, DEFAULT_TAG, parseTemplateName } from './names.ts';
import type { Build, BuildResult, Template } from './records.ts';
import { SANDBOX_DISK_MB } from './representation.ts';
import { createSnapshots } from './snapshots.ts';
import { createTemplateRoutes } from './routes.ts';
import { TemplateStore } from './template-store.ts';
import { findUnusedLayers } from './unused-layers.ts';
import { createTemplateImages } from './template-images.ts';
import { Uploads } from './uploads.ts';

/** Between the resolving of a template and the record of the sandbox that stands on it. */
const RESOLVED_MS = 10 * 60_000;
const BASE_SIZE = { cpuCount: 2, memoryMb: 1024 };

/** Templates, their builds and layers. Their state is in `<dataDir>/templates`, `builds`, `layers` and `uploads`. */
export async function createTemplates(options: TemplatesOptions): Promise<Templates> {
  const { dataDir, imageCacheDir, log } = options;
  const now = Date.now;
  const store = await TemplateStore.open(dataDir, now, (file, error) =>
    log.error({ err: error, file }, 'cannot read a record'),
  );
  const layers = new LayerStore(path.join(dataDir, 'layers'), now);
  const layerRefs = createLayers(imageCacheDir, layers);
  const uploads = new Uploads(path.join(dataDir, 'uploads'), now);
  const images = createImageStore({ cacheDir: imageCacheDir, ...options.images });
  const resolved = new Map<string, number>();

  let collecting: Promise<void> | undefined;
  const collect = async () => {
    // A running build stands on layers that no record names yet, and a starting one waits until this is done.
    if (!builds.areRunning) collecting ??= removeUnused().finally(() => (collecting = undefined));
    await collecting;
  };
  const removeUnused = async () => {
    await store.forgetOldBuilds();
    await uploads.collect();
    for (const [layer, time] of resolved) if (now() - time > RESOLVED_MS) resolved.delete(layer);
    const inUse = [...options.layersInUse(), ...resolved.keys()].map((directory) => path.basename(directory));
    const refs = store.builds().flatMap((build) => build.result?.layers ?? []);
    const removed = await layers.collect(new Set([...inUse, ...refs.map((ref) => ref.replace('layer:', ''))]));
    if (removed > 0) log.info({ removed }, 'removed layers that nothing uses');
  };
  const findTemplate = (name: string) => store.findReady(name)?.build.result;
  const parts = { launch: options.launch, images, layers, layerRefs, uploads, findTemplate };
  const timeBuild = options.timeBuild ?? ((build) => build());
  const beforeBuild = async () => collecting;
  const builds = new Builds({ store, parts, beforeBuild, afterBuild: collect, timeBuild, log, now });
  await layers.sweep();
  await collect();

  return {
    resolveTemplate: async (nameOrId) => {
      const { name, tag = DEFAULT_TAG } = parseTemplateName(nameOrId);
      if (name === BASE_TEMPLATE && tag === DEFAULT_TAG) {
        const { layers: directories, env } = await images.ensure(BASE_IMAGE, (line) => log.info(line));
        for (const layer of directories) resolved.set(layer, now());
        return baseTemplate(directories, env);
      }
      const found = store.findReady(nameOrId);
      if (!found?.build.result) return null;
      const template = describe(found.template, found.build, found.build.result, layerRefs);
      const missing = await firstMissing(template.layers);
      if (missing !== undefined) {
        log.error({ template: nameOrId, layer: missing }, 'a layer of the template is missing: build it again');
        return null;
      }
      for (const layer of template.layers) resolved.set(layer, now());
      return template;
    },
    builtIn: async () => ((await images.has(BASE_IMAGE)) ? BASE_TEMPLATE : null),
    snapshots: createSnapshots({ store, layers, layerRefs }),
    templateRoutes: createTemplateRoutes({ store, builds, uploads, collect }),
    isBuilding: () => builds.areRunning,
    images: createTemplateImages({ store, images, layerRefs }),
    async unusedLayers() {
      await collecting;
      if (builds.areRunning) return null;
      const folders = { layersDir: path.join(dataDir, 'layers'), imageCacheDir };
      const inUse = [...options.layersInUse(), ...resolved.keys(), ...layers.held()];
      return findUnusedLayers(folders, store.builds(), inUse);
    },
    close: async () => {
      const ended = builds.close();
      killPrograms();
      await ended;
    },
  };
}

function describe(template: Template, build: Build, result: BuildResult, layers: Layers): ResolvedTemplate {
  const { startCmd, readyCmd, settings } = result;
  return {
    templateID: template.templateID,
    buildID: build.buildID,
    ...(template.name === template.templateID ? {} : { alias: template.name }),
    layers: result.layers.map(layers.directory),
    ...settings,
    ...(startCmd === undefined ? {} : { startCmd }),
    ...(readyCmd === undefined ? {} : { readyCmd }),
    cpuCount: build.cpuCount,
    memoryMb: build.memoryMb,
    diskMb: SANDBOX_DISK_MB,
  };
}

function baseTemplate(layers: string[], env: Record<string, string>): ResolvedTemplate {
  const buildID = path.basename(layers.at(-1) ?? BASE_TEMPLATE);
  return {
    templateID: BASE_TEMPLATE,
    buildID,
    alias: BASE_TEMPLATE,
    layers,
    env,
    user: 'user',
    diskMb: SANDBOX_DISK_MB,
    ...BASE_SIZE,
  };
}

async function firstMissing(directories: string[]): Promise<string | undefined> {
  for (const directory of directories) {
    if (!(await stat(directory).catch(() => undefined))) return directory;
  }
  return undefined;
}
