import { access } from 'node:fs/promises';
import path from 'node:path';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { owner } from '../scripts/bootstrap/npm-packages.mjs';
import { boundRun } from './bound-run.ts';
import type { Box } from './box.ts';
import { baseEnvironment, controlPlaneEnvironment } from './environment.ts';
import { createStamps, hashInputs } from './inputs.ts';

const PAGES = [
  ...['app', 'components', 'lib', 'public', 'next.config.ts', 'postcss.config.mjs', 'proxy.ts'],
  ...['tsconfig.json', 'package.json', 'package-lock.json'],
];

export type BuildOptions = { signal: AbortSignal; onLine: (line: string) => void };

/** Studio's prebuilt bundle with its placeholders filled. The script itself does nothing when it is up to date. */
export function buildStudio(box: Box, options: BuildOptions): Promise<void> {
  return inCheckout(box, 'Studio', ['scripts/build-studio.ts'], options);
}

/** The chat widget. The script itself does nothing when it is up to date. */
export function buildWidget(box: Box, options: BuildOptions): Promise<void> {
  return inCheckout(box, 'The widget', ['scripts/build-widget.ts'], options);
}

/**
 * `next build`, unless the pages were built from the same sources. The build reads Studio's files: when these are being
 * made, it waits for `studio`.
 */
export async function buildPages(
  box: Pick<Box, 'root' | 'env'>,
  options: BuildOptions,
  studio?: Promise<unknown>,
): Promise<void> {
  // Remembered in the checkout, as the result is: it does not depend on the data directory.
  const stamps = createStamps(path.join(box.root, '.next', 'shmastra-inputs.json'));
  const hash = await hashInputs(box.root, PAGES, [process.version]);
  if ((await stamps.isCurrent('pages', hash)) && (await exists(path.join(box.root, '.next', 'BUILD_ID')))) return;
  await studio;
  if (options.signal.aborted) return;
  await stamps.clear('pages').catch(() => {});
  await inCheckout(box, 'The pages', ['node_modules/next/dist/bin/next', 'build'], options);
  await stamps.set('pages', hash);
}

/** The sandbox template, built by the engine. The script itself asks the engine what it has. */
export async function buildTemplate(box: Box, engineKey: string, options: BuildOptions): Promise<void> {
  const { code, output } = await boundRun(
    box.node,
    [path.join(box.app, 'scripts/build-e2b-template.ts'), '--if-changed'],
    {
      cwd: box.app,
      env: controlPlaneEnvironment(box, engineKey),
      ...box.user,
      ...options,
    },
  );
  if (code === 0) return;
  throw new StartError('The sandbox template could not be built.', {
    why: `the build ended with code ${code}`,
    output,
    log: path.join(box.logs, 'engine.log'),
    next: 'check that the npm registry and the Debian mirror are reachable (npm run doctor), then start again',
  });
}

/** Runs one of our tools as the checkout's owner, so that what it writes is theirs. */
async function inCheckout(
  box: Pick<Box, 'root' | 'env'>,
  what: string,
  args: string[],
  options: BuildOptions,
): Promise<void> {
  const { uid, gid, env } = owner(box.root);
  const home = env?.['HOME'] ?? box.env['HOME'] ?? '/root';
  const { code, output } = await boundRun(process.execPath, args, {
    cwd: box.root,
    env: baseEnvironment(box.env, path.dirname(process.execPath), home),
    ...(uid === undefined ? {} : { uid, gid }),
    ...options,
  });
  if (code === 0) return;
  throw new StartError(`${what} could not be built.`, {
    why: `the build ended with code ${code}`,
    output,
    next: 'mend what the lines above name, then start again',
  });
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
