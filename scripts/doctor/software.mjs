// Node, packages and rights.
import { ENGINE_PACKAGES, IMAGE_PACKAGES, missingPackages } from '../bootstrap/debian-packages.mjs';
import { StartError } from '../bootstrap/failure.mjs';
import { packagesInstalled } from '../bootstrap/npm-packages.mjs';
import { asRoot, checkPlatform, distribution, thisMachine } from '../bootstrap/platform.mjs';
import { run } from '../bootstrap/run.mjs';
import { fail, ok, warn } from './finding.mjs';

const REGISTRY_MS = 8_000;

/** @typedef {import('./finding.mjs').Machine} Machine */
/** @typedef {import('./finding.mjs').Finding} Finding */

/** @returns {Promise<Finding[]>} */
export async function platform() {
  const machine = thisMachine();
  try {
    checkPlatform(machine);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return [
      fail(error.message, error.why ?? 'this is what Shmastra Cloud is made for', error.next ?? 'use another machine'),
    ];
  }
  const name = distribution();
  const node = ok(`Node ${machine.node} on ${name}, kernel ${machine.kernel}, ${machine.arch}`);
  if (/Debian|Ubuntu/.test(name)) return [node];
  const fix = `if a package is missing, install it by hand: ${Object.keys(ENGINE_PACKAGES).join(' ')}`;
  return [
    node,
    warn(`${name} is not Debian`, 'only Debian 12 is tested; npm start installs missing packages by apt-get', fix),
  ];
}

/** @param {Machine} machine @returns {Promise<Finding[]>} */
export async function rights({ isRoot }) {
  if (isRoot) return [ok('Running as root')];
  const why = 'the sandbox engine makes mounts, network links and cgroups (everything else runs without rights)';
  return [fail('Not running as root', why, `run: ${asRoot('npm start')}`)];
}

/** @param {Machine} machine @returns {Promise<Finding[]>} */
export async function packages({ root, isRoot }) {
  const npm = packagesInstalled(root)
    ? ok('The npm packages are installed')
    : warn('npm packages are missing or out of date', 'npm start installs them first', 'npm start, or: npm ci');
  const missing = await missingPackages(Object.keys(ENGINE_PACKAGES));
  if (!missing.length) return [npm, ok('The Debian packages are installed')];
  const what = `Debian packages are missing: ${missing.join(', ')}`;
  const fix = `npm start as root, or: apt-get update && apt-get install ${missing.join(' ')}`;
  if ((await run('apt-get', ['--version'])).code !== 0)
    return [npm, fail(what, 'there is no apt-get to install them', fix)];
  return [npm, (isRoot ? warn : fail)(what, isRoot ? 'npm start installs them' : 'installing them needs root', fix)];
}

/** @returns {Promise<Finding[]>} */
export async function imagePackages() {
  const missing = await missingPackages(Object.keys(IMAGE_PACKAGES));
  if (!missing.length) return [ok('Templates may stand on images of container registries')];
  const what = `Optional Debian packages are missing: ${missing.join(', ')}`;
  const why = 'templates can stand on Debian and Node, but not on images of container registries';
  return [warn(what, why, `if you need them: apt-get install ${missing.join(' ')}`)];
}

/** @returns {Promise<Finding[]>} */
export async function registry() {
  const { stdout } = await run('npm', ['config', 'get', 'registry'], { cwd: '/' });
  const address = stdout.split('\n').find((line) => /^https?:/.test(line));
  const fix = 'check the network, the proxy settings (HTTPS_PROXY) and: npm config get registry';
  const why = 'the npm packages and the sandbox template are installed from it';
  if (!address) return [warn('npm names no registry', why, fix)];
  const ping = await run('npm', ['ping', '--fetch-retries=0', `--fetch-timeout=${REGISTRY_MS}`], { cwd: '/' });
  return [ping.code === 0 ? ok('The npm registry answers') : warn('The npm registry does not answer', why, fix)];
}
