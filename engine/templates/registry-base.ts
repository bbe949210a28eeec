import type { Credentials } from '../images/oci/credentials.ts';
import type { RegistryImage } from '../images/oci/reference.ts';
import { BuildFailure } from './build-error.ts';
import { CommandFailure } from './build-sandbox.ts';
import { type BuildInput, type ExecutorParts, inSandbox, type Outcome, stacked } from './in-sandbox.ts';
import { stepKey } from './layer-store.ts';

/** Packages have to be fetched and installed. */
const PROVISION_MS = 20 * 60_000;

/**
 * An image of a registry as a base for templates: its files as they are, and a layer of what every template has (the user
 * `user`, sudo and a few programs). Of its configuration the environment counts; commands run as `user` in its home, as in
 * E2B's templates, whatever USER and WORKDIR say.
 * @throws BuildFailure, ImageBuildError, BadRequestError
 */
export async function resolveRegistryBase(
  parts: ExecutorParts,
  input: BuildInput,
  image: RegistryImage,
  credentials: Credentials | undefined,
): Promise<Outcome> {
  const { log } = input;
  const say = (line: string) => log.add('info', line, 'base');
  const fetched = await parts.images.fetch(image, credentials, say);
  const { key: recipe, script, envs, env } = await parts.images.provisioning();
  const base = {
    layers: [parts.layerRefs.imageRef(fetched.layer)],
    settings: { env: { ...fetched.env, ...env }, user: 'user' },
  };
  const key = stepKey([recipe, base.layers, base.settings]);
  const cached = await parts.layers.find(key);
  if (cached) return stacked(base, cached.layer, cached.settings);
  say('Setting up the image');
  return inSandbox(parts, input, base, key, async (sandbox) => {
    try {
      const command = { cmd: script, user: 'root', cwd: '/', envs };
      await sandbox.run(command, PROVISION_MS, (from, line) => log.add('info', `[base] [${from}]: ${line}`, 'base'));
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      throw new BuildFailure('base', `the image could not be set up: ${error.message}`, { cause: error });
    }
    return base.settings;
  });
}
