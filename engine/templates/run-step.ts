import { posix } from 'node:path';
import { BuildFailure } from './build-error.ts';
import type { BuildLog } from './build-log.ts';
import { type BuildSandbox, CommandFailure, type OutputLine } from './build-sandbox.ts';
import { COPY_SCRIPT } from './copy-script.ts';
import type { Settings } from './records.ts';
import { expandVariables, type Step } from './steps.ts';
import type { Uploads } from './uploads.ts';

/** Longest that one RUN may take, in ms. */
const RUN_MS = 60 * 60_000;
const SMALL_MS = 60_000;
const COPY_MS = 20 * 60_000;

const PATH_DEFAULT = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The settings after an ENV step. */
export function applyEnv(settings: Settings, variables: [string, string][]): Settings {
  const env = { ...settings.env };
  // Each sees the ones before it.
  for (const [name, value] of variables) env[name] = expandVariables(value, { PATH: PATH_DEFAULT, ...env });
  return { ...settings, env };
}

/** The absolute folder of a WORKDIR or relative path. */
function absolute(path: string, settings: Settings): string {
  const home = settings.user === 'root' ? '/root' : `/home/${settings.user}`;
  const expanded = path === '~' || path.startsWith('~/') ? home + path.slice(1) : path;
  return posix.resolve(settings.workdir ?? home, expanded);
}

const inFolder = (path: string, settings: Settings) =>
  // A trailing slash means "into this folder".
  absolute(path, settings) + (path.endsWith('/') && absolute(path, settings) !== '/' ? '/' : '');

/**
 * Runs one step in `sandbox`.
 * @returns the settings of the steps after it.
 * @throws BuildFailure
 */
export async function runStep(
  step: Step,
  settings: Settings,
  parts: { sandbox: BuildSandbox; uploads: Uploads; log: BuildLog; label: string },
): Promise<Settings> {
  const { sandbox, log, label } = parts;
  const onLine: OutputLine = (from, line) => log.add('info', `${label} [${from}]: ${line}`, String(step.number));
  try {
    switch (step.type) {
      case 'RUN': {
        await sandbox.apply(settings);
        await sandbox.run({ cmd: step.command, user: step.user ?? settings.user }, RUN_MS, onLine);
        return settings;
      }
      case 'COPY':
        await copy(step, settings, parts, onLine);
        return settings;
      case 'WORKDIR': {
        const workdir = absolute(expandVariables(step.path, settings.env), settings);
        const make = 'if [ ! -d "$DIR" ]; then mkdir -p -- "$DIR" && chown "$OWNER:" "$DIR"; fi';
        const envs = { DIR: workdir, OWNER: settings.user };
        await sandbox.run({ cmd: make, user: 'root', cwd: '/', envs }, SMALL_MS, onLine);
        return { ...settings, workdir };
      }
      case 'USER': {
        const make = 'id -u -- "$NAME" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash -- "$NAME"';
        await sandbox.run({ cmd: make, user: 'root', cwd: '/', envs: { NAME: step.name } }, SMALL_MS, onLine);
        return { ...settings, user: step.name };
      }
      case 'ENV':
        return applyEnv(settings, step.variables);
    }
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const what = step.type === 'RUN' ? `failed to run command '${step.command}'` : `failed to ${step.title}`;
    throw new BuildFailure(`${step.number}`, `${what}: ${error.message}`, { cause: error });
  }
}

async function copy(
  step: Extract<Step, { type: 'COPY' }>,
  settings: Settings,
  parts: { sandbox: BuildSandbox; uploads: Uploads },
  onLine: OutputLine,
): Promise<void> {
  const archive = await parts.uploads.find(step.filesHash);
  if (!archive) throw new CommandFailure('its files were not uploaded');
  const target = `/tmp/.copy-${step.filesHash.slice(0, 16)}.tar`;
  await parts.sandbox.upload(archive, target);
  const envs = {
    ARCHIVE: target,
    SOURCE: posix.normalize(step.source),
    DESTINATION: inFolder(expandVariables(step.destination, settings.env), settings),
    OWNER: step.owner ?? settings.user,
    MODE: step.mode ?? '',
  };
  await parts.sandbox.run({ cmd: COPY_SCRIPT, user: 'root', cwd: '/', envs }, COPY_MS, onLine);
}
