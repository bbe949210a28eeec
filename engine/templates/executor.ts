import { parseCredentials } from '../images/oci/credentials.ts';
import { parseImage } from '../images/references.ts';
import { BuildFailure } from './build-error.ts';
import { type Commands, runToReady } from './finalize.ts';
import { type BuildInput, type ExecutorParts, inSandbox, type Outcome, stacked } from './in-sandbox.ts';
import { stepKey } from './layer-store.ts';
import { BASE_TEMPLATE } from './names.ts';
import type { BuildResult } from './records.ts';
import { resolveRegistryBase } from './registry-base.ts';
import { applyEnv, runStep } from './run-step.ts';
import { groupSteps, type Step, stepInputs } from './steps.ts';

/**
 * Makes a template: from its image or template, step by step, each outcome a cached layer.
 * @throws BuildFailure for what its author can mend; anything else is the engine's.
 */
export async function executeBuild(parts: ExecutorParts, input: BuildInput): Promise<BuildResult> {
  const { start, steps, log } = input;
  let result = await resolveBase(parts, input);
  const commands: Commands = {
    startCmd: start.startCmd || result.startCmd,
    readyCmd: start.readyCmd || (start.startCmd ? undefined : result.readyCmd),
  };
  const isStarted = Boolean(start.startCmd || start.readyCmd || (commands.startCmd && steps.length > 0));
  const groups = groupSteps(steps);
  // What comes after the last RUN needs no sandbox of its own when one follows anyway.
  const last = isStarted && groups.at(-1)?.at(-1)?.type !== 'RUN' ? (groups.pop() ?? []) : [];
  for (const group of groups) {
    input.signal.throwIfAborted();
    result = { ...result, ...(await runGroup(parts, input, result, group)) };
  }
  if (isStarted) result = { ...result, ...(await runGroup(parts, input, result, last, commands)) };
  await parts.layers.sync();
  log.add('info', 'Build finished', 'finalize');
  return { layers: result.layers, settings: result.settings, ...commands };
}

async function resolveBase(parts: ExecutorParts, input: BuildInput): Promise<BuildResult> {
  const { start, log } = input;
  try {
    if (start.fromTemplate && start.fromTemplate !== BASE_TEMPLATE) {
      const found = parts.findTemplate(start.fromTemplate);
      if (!found)
        throw new BuildFailure('base', `template '${start.fromTemplate}' not found, or it has no successful build`);
      log.add('info', `FROM template ${start.fromTemplate}`, 'base');
      return found;
    }
    const image = start.fromImage || 'e2bdev/base';
    log.add('info', `FROM ${image}`, 'base');
    const credentials = parseCredentials(start.fromImageRegistry);
    const found = parseImage(image, credentials !== undefined);
    if (found.kind === 'registry') return await resolveRegistryBase(parts, input, found, credentials);
    const { layers, env } = await parts.images.ensure(found, (line) => log.add('info', line, 'base'));
    return { layers: layers.map(parts.layerRefs.imageRef), settings: { env, user: 'user' } };
  } catch (error) {
    if (error instanceof BuildFailure) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new BuildFailure('base', message, { cause: error });
  }
}

/** @param final The commands to start after the last steps. */
async function runGroup(
  parts: ExecutorParts,
  input: BuildInput,
  parent: Outcome,
  group: Step[],
  final?: Commands,
): Promise<Outcome> {
  const { log, steps } = input;
  const label = (step: Step) => `[builder ${step.number}/${steps.length}]`;
  const key = stepKey([parent.layers, parent.settings, group.map(stepInputs), final]);
  const announce = (prefix: string, step: Step) =>
    log.add('info', `${prefix}${label(step)} ${step.title}`, String(step.number));
  const isForced = final ? input.start.force || steps.some((step) => step.force) : group.some((step) => step.force);
  const cached = isForced ? undefined : await parts.layers.find(key);
  if (cached) {
    for (const step of group) announce('CACHED ', step);
    if (final) log.add('info', 'CACHED start and ready command', 'finalize');
    return stacked(parent, cached.layer, cached.settings);
  }
  let { settings } = parent;
  if (!final && group.every((step) => step.type === 'ENV')) {
    for (const step of group) {
      announce('', step);
      if (step.type === 'ENV') settings = applyEnv(settings, step.variables);
    }
    return { ...parent, settings };
  }
  return inSandbox(parts, input, parent, key, async (sandbox) => {
    for (const step of group) {
      announce('', step);
      settings = await runStep(step, settings, { ...parts, log, sandbox, label: label(step) });
    }
    if (final) await runToReady(final, settings, { ...input, sandbox });
    return settings;
  });
}
