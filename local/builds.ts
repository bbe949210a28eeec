import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { owner } from '../scripts/bootstrap/npm-packages.mjs';
import type { Step } from '../scripts/bootstrap/progress.mjs';
import { run } from '../scripts/bootstrap/run.mjs';
import type { Box } from './box.ts';
import { baseEnvironment } from './environment.ts';
import { type Stamps, createStamps, hashInputs } from './inputs.ts';

const STUDIO = ['lib/studio', 'scripts/build-studio.ts', 'node_modules/mastra/package.json', 'package-lock.json'];
const PAGES = [
  ...['app', 'components', 'lib', 'public', 'supabase', 'next.config.ts', 'postcss.config.mjs', 'proxy.ts'],
  ...['tsconfig.json', 'package.json', 'package-lock.json'],
];
const TEMPLATE = ['template', 'scripts/sandbox', 'scripts/build-e2b-template.ts'];

/** What is built in the checkout is remembered there: it does not depend on the data directory. */
export const checkoutStamps = (root: string): Stamps => createStamps(path.join(root, '.cache', 'stamps.json'));

type Build = {
  name: string;
  hash: string;
  stamps: Stamps;
  /** The result as far as a glance tells; a person may have removed it. */
  exists: () => Promise<boolean>;
  run: () => Promise<void>;
};

/** Does a build unless its inputs are what they were when it last succeeded. True when it was done. */
export async function bringUpToDate(build: Build): Promise<boolean> {
  if ((await build.stamps.isCurrent(build.name, build.hash)) && (await build.exists())) return false;
  await build.stamps.clear(build.name);
  await build.run();
  await build.stamps.set(build.name, build.hash);
  return true;
}

const present = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/** Runs one of our tools in the checkout as the checkout's owner, so that what it writes is theirs. */
async function tool(box: Box, what: string, args: string[], step: Step, signal: AbortSignal): Promise<void> {
  const { uid, gid, env } = owner(box.root);
  const home = env?.['HOME'] ?? box.env['HOME'] ?? '/root';
  const { code, output } = await run(process.execPath, args, {
    cwd: box.root,
    env: baseEnvironment(box.env, path.dirname(process.execPath), home),
    ...(uid === undefined ? {} : { uid, gid }),
    signal,
    onLine: step.detail,
  });
  if (code === 0) return;
  throw new StartError(`${what} could not be built.`, {
    why: `the build ended with code ${code}`,
    output,
    next: 'mend what the lines above name, then start again',
  });
}

/** Fills the placeholders of Studio's prebuilt bundle. */
export async function studioBuild(box: Box, step: Step, signal: AbortSignal): Promise<Build> {
  return {
    name: 'studio',
    hash: await hashInputs(box.root, STUDIO),
    stamps: checkoutStamps(box.root),
    exists: () => present(path.join(box.root, '.studio')),
    run: () => tool(box, 'Studio', ['scripts/build-studio.ts'], step, signal),
  };
}

export async function pagesBuild(box: Box, step: Step, signal: AbortSignal): Promise<Build> {
  return {
    name: 'pages',
    hash: await hashInputs(box.root, PAGES, [process.version]),
    stamps: checkoutStamps(box.root),
    exists: () => present(path.join(box.root, '.next', 'BUILD_ID')),
    run: () => tool(box, 'The pages', ['node_modules/next/dist/bin/next', 'build'], step, signal),
  };
}

/** The sandbox template, built by the engine; `names` are those that the engine has. */
export async function templateBuild(
  box: Box,
  environment: Record<string, string>,
  hasTemplate: () => Promise<boolean>,
  step: Step,
  signal: AbortSignal,
): Promise<Build> {
  const enginePackage = await readFile(path.join(box.root, 'engine', 'package.json'), 'utf8');
  return {
    name: 'template',
    hash: await hashInputs(box.root, TEMPLATE, [enginePackage]),
    stamps: createStamps(path.join(box.dataDir, 'stamps.json')),
    exists: hasTemplate,
    run: async () => {
      const { code, output } = await run(box.node, [path.join(box.app, 'scripts/build-e2b-template.ts')], {
        cwd: box.app,
        env: environment,
        ...box.user,
        signal,
        onLine: step.detail,
      });
      if (code === 0) return;
      throw new StartError('The sandbox template could not be built.', {
        why: `the build ended with code ${code}`,
        output,
        log: path.join(box.logs, 'engine.log'),
        next: 'check that the npm registry and the Debian mirror are reachable (npm run doctor), then start again',
      });
    },
  };
}
