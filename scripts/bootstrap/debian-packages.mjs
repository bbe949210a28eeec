// The Debian packages that Shmastra Cloud needs on the machine, and installing those that are missing.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from './failure.mjs';
import { run } from './run.mjs';

/** Package -> what it is for. */
export const ENGINE_PACKAGES = {
  runc: 'runs the sandboxes',
  mmdebstrap: 'makes the base of their root file system',
  nftables: 'keeps sandboxes apart and off the host',
  iproute2: 'gives each sandbox its own network link',
  'golang-github-containers-common': 'has the seccomp profile to start from',
  e2fsprogs: 'formats the disk of a sandbox',
  'util-linux': 'mounts it',
  git: 'keeps the starter project',
  'ca-certificates': 'lets sandboxes check certificates',
};
/** Without them templates stand on Debian and Node alone, not on images of registries. */
export const IMAGE_PACKAGES = {
  skopeo: 'fetches images from container registries',
  umoci: 'unpacks them',
};
export const TEST_PACKAGES = { chromium: 'is the browser of the end-to-end tests', ...IMAGE_PACKAGES };

/** Which of these are not installed. @param {string[]} names */
export async function missingPackages(names) {
  const { stdout } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Abbrev}\n', ...names]);
  const present = new Set([...stdout.matchAll(/^(\S+) .i/gm)].map((match) => match[1]));
  return names.filter((name) => !present.has(name));
}

/**
 * @param {string[]} names
 * @param {(line: string) => void} onLine
 */
export async function installDebianPackages(names, onLine) {
  const next = `run: apt-get update && apt-get install ${names.join(' ')}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const update = await run('apt-get', ['update'], { env, onLine });
  if (update.code === 127) {
    throw new StartError('Debian packages are missing and there is no apt-get to install them.', {
      why: `missing: ${names.join(', ')}`,
      next: 'use Debian 12, or install programs of the same name and make dpkg-query know them',
    });
  }
  const install = await run('apt-get', ['install', '-y', '--no-install-recommends', ...names], { env, onLine });
  if (install.code === 0) return;
  throw new StartError('The Debian packages could not be installed.', {
    why: `apt-get ended with code ${install.code}${update.code === 0 ? '' : ' (and apt-get update had failed)'}`,
    output: install.output,
    next,
  });
}

/** Remembers what we installed, so that `npm run uninstall` can name it. @param {string} dataDir @param {string[]} names */
export function recordInstalled(dataDir, names) {
  const file = path.join(dataDir, 'installed-packages.json');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, `${JSON.stringify([...new Set([...installedByUs(dataDir), ...names])].sort(), null, 2)}\n`);
}

/** @param {string} dataDir @returns {string[]} */
export function installedByUs(dataDir) {
  try {
    const names = JSON.parse(readFileSync(path.join(dataDir, 'installed-packages.json'), 'utf8'));
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
