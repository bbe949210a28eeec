import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { ImageStore } from '../images/image-store.ts';
import type { Launch } from '../sandboxes/types.ts';
import type { BuildLog } from './build-log.ts';
import { BuildSandbox } from './build-sandbox.ts';
import type { LayerStore } from './layer-store.ts';
import type { Layers } from './layers.ts';
import type { BuildResult, Settings } from './records.ts';
import type { BuildStart, Step } from './steps.ts';
import type { Uploads } from './uploads.ts';

/** Room for the install of a big project. The disk is sparse. */
const BUILD_MEMORY_MB = 4096;
const BUILD_DISK_MB = 20_480;

export type ExecutorParts = {
  launch: Launch;
  images: ImageStore;
  layers: LayerStore;
  layerRefs: Layers;
  uploads: Uploads;
  /** The outcome of another template's newest build. */
  findTemplate: (nameOrId: string) => BuildResult | undefined;
};

export type BuildInput = { start: BuildStart; steps: Step[]; log: BuildLog; signal: AbortSignal };

/** Where a build is after a step. */
export type Outcome = Pick<BuildResult, 'layers' | 'settings'>;

/** Runs `action` in a sandbox of its own and keeps what it changed as a layer. */
export async function inSandbox(
  parts: ExecutorParts,
  input: BuildInput,
  parent: Outcome,
  key: string,
  action: (sandbox: BuildSandbox) => Promise<Settings>,
): Promise<Outcome> {
  const running = await parts.launch({
    id: `b${randomBytes(8).toString('hex')}`,
    layers: parent.layers.map(parts.layerRefs.directory),
    diskMb: BUILD_DISK_MB,
    cpuCount: availableParallelism(),
    memoryMb: BUILD_MEMORY_MB,
    env: {},
    allowInternetAccess: true,
  });
  try {
    input.signal.throwIfAborted();
    const settings = await action(new BuildSandbox(running, input.signal));
    input.signal.throwIfAborted();
    const layer = await parts.layers.add(key, settings, (folder) => running.exportLayer(folder));
    return stacked(parent, layer, settings);
  } finally {
    await running.destroy();
  }
}

export function stacked(parent: Outcome, layer: string | null, settings: Settings): Outcome {
  return { layers: layer === null ? parent.layers : [...parent.layers, `layer:${layer}`], settings };
}
