// What tests and benchmarks need on the machine: npm packages, and as root the Debian packages.
import {
  ENGINE_PACKAGES,
  installDebianPackages,
  missingPackages,
  recordInstalled,
  TEST_PACKAGES,
} from './debian-packages.mjs';
import { dataDirectory, readEnvironment } from './environment.mjs';
import { projectNode, root } from './node.mjs';
import { installPackages, packagesInstalled } from './npm-packages.mjs';
import { checkPlatform, isRoot, thisMachine } from './platform.mjs';

/**
 * Installs what is missing.
 * @param {ReturnType<typeof import('./progress.mjs').createProgress>} progress
 * @param {() => boolean} hasPackages whether the npm packages are there; by default those of the lock file, all of them
 * @throws StartError with what to do next
 */
export async function prepareTestMachine(progress, hasPackages = () => packagesInstalled(root)) {
  checkPlatform(thisMachine());
  if (!projectNode() || !hasPackages()) {
    await progress.run('Installing the npm packages', (step) => installPackages(root, step.detail));
  }
  const missing = await missingPackages(Object.keys({ ...ENGINE_PACKAGES, ...TEST_PACKAGES }));
  if (!missing.length || !isRoot()) return;
  await progress.run(`Installing the Debian packages ${missing.join(', ')}`, (step) =>
    installDebianPackages(missing, step.detail),
  );
  recordInstalled(dataDirectory(root, readEnvironment(root)), missing);
}
