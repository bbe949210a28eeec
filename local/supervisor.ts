// The one box: starts every process of Shmastra Cloud in the right order, watches over them, and stops them again.
// Run by scripts/start.mjs, as root, under the project's own Node.
import { dataDirectory, readEnvironment } from '../scripts/bootstrap/environment.mjs';
import { StartError, describe } from '../scripts/bootstrap/failure.mjs';
import { root } from '../scripts/bootstrap/node.mjs';
import { createProgress, elapsed } from '../scripts/bootstrap/progress.mjs';
import { type BoxSettings, boxSettings, clearRunFolder, ensureDataFolders, prepareBox } from './box.ts';
import { NOT_ON_ONE_BOX } from './environment.ts';
import { stopLeftovers } from './leftovers.ts';
import { takeLock } from './lock.ts';
import { rotate } from './log-file.ts';
import { readSecrets } from './secrets.ts';
import { setupUrl } from './setup-url.ts';
import { createStack } from './stack.ts';
import { onStopSignal } from './stop-signal.ts';
import { welcome } from './welcome.ts';

const ROTATE_EVERY_MS = 30_000;

const progress = createProgress(process.stdout);
const began = Number(process.env['SHMASTRA_STARTED_AT'] ?? Date.now());

async function main(): Promise<void> {
  const env = readEnvironment(root);
  delete env['SHMASTRA_STARTED_AT'];
  const settings = boxSettings(env);
  const dataDir = dataDirectory(root, env);
  await ensureDataFolders(dataDir);
  const unlock = await takeLock(dataDir, settings.publicUrl);
  const cleanUp = async () => {
    const instance = (await readSecrets(dataDir))?.instance;
    if (instance) await clearRunFolder(instance);
    await unlock();
  };
  try {
    await runUntilStopped(env, settings, dataDir);
  } finally {
    await cleanUp();
  }
}

async function runUntilStopped(env: Record<string, string>, settings: BoxSettings, dataDir: string): Promise<void> {
  const stop = onStopSignal();
  const ignored = NOT_ON_ONE_BOX.filter((name) => env[name]);
  if (ignored.length) progress.warn(`Not used on one box, which has its own: ${ignored.join(', ')}`);

  const leftovers = await progress.run('Ending what an interrupted run left', () => stopLeftovers(dataDir));
  if (leftovers.length) progress.line(`  An earlier run had not ended cleanly; stopped: ${leftovers.join(', ')}`);
  const box = await prepareBox(env, settings);
  const stack = createStack(box, progress, stop.signal);
  stop.onSecond(() => {
    stack.kill();
    process.exit(1);
  });

  const rotation = setInterval(
    () => void stack.logs.forEach((file) => void rotate(file).catch(() => {})),
    ROTATE_EVERY_MS,
  );
  try {
    const result = await Promise.race([stack.start(), stop.requested]);
    if (result) {
      const setup = await setupUrl(box, result.engineKey);
      progress.line(welcome(box, setup, elapsed(Date.now() - began)));
      await stop.requested;
    }
  } finally {
    clearInterval(rotation);
    stop.begin();
    await progress.run('Stopping', () => stack.stop());
    progress.line('Stopped.');
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  progress.close();
  console.error(`\n${describe(error)}`);
  process.exit(error instanceof StartError ? 1 : 70);
}
