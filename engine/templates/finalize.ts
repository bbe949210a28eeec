import { setTimeout } from 'node:timers/promises';
import { BuildFailure } from './build-error.ts';
import type { BuildLog } from './build-log.ts';
import { type BuildSandbox, CommandFailure } from './build-sandbox.ts';
import type { Settings } from './records.ts';

/** E2B's own numbers. */
const READY_EVERY_MS = 2000;
const READY_MS = 10 * 60_000;
const READY_DEFAULT = 'sleep 20';

export type Commands = { startCmd: string | undefined; readyCmd: string | undefined };

/**
 * Starts the template's start command and waits until its ready command succeeds. E2B then takes a picture of the
 * memory; here the processes are stopped, the file system as they left it (caches, data folders) becomes the template,
 * and the start command is started again in each new sandbox.
 * @throws BuildFailure
 */
export async function runToReady(
  commands: Commands,
  settings: Settings,
  parts: { sandbox: BuildSandbox; log: BuildLog; signal: AbortSignal },
): Promise<void> {
  const { sandbox, log, signal } = parts;
  await sandbox.apply(settings);
  const say = (name: string) => (from: 'stdout' | 'stderr', line: string) =>
    log.add('info', `[${name}] [${from}]: ${line}`, 'finalize');
  let failure: CommandFailure | undefined;
  if (commands.startCmd) {
    log.add('info', `Running start command: ${commands.startCmd}`, 'finalize');
    const running = sandbox.run({ cmd: commands.startCmd, user: settings.user }, READY_MS * 2, say('start'));
    // It usually runs until the sandbox is taken down; only an early failure counts.
    running.catch((error: unknown) => {
      if (error instanceof CommandFailure) failure = error;
    });
  }
  const readyCmd = commands.readyCmd || READY_DEFAULT;
  log.add('info', `Waiting for template to be ready: ${readyCmd}`, 'finalize');
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const last = await attempt(() =>
      sandbox.run({ cmd: readyCmd, user: settings.user }, deadline - Date.now(), say('ready')),
    );
    if (failure)
      throw new BuildFailure('finalize', `failed to run start command '${commands.startCmd}': ${failure.message}`);
    if (last === undefined) {
      log.add('info', 'Template is ready', 'finalize');
      return;
    }
    if (Date.now() + READY_EVERY_MS > deadline) {
      throw new BuildFailure(
        'finalize',
        `the template was not ready in 10 minutes: ready command '${readyCmd}': ${last.message}`,
      );
    }
    await setTimeout(READY_EVERY_MS, undefined, { signal });
  }
}

async function attempt(action: () => Promise<void>): Promise<CommandFailure | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof CommandFailure) return error;
    throw error;
  }
}
