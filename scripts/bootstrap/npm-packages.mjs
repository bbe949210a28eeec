// Installs the npm packages when what lies in node_modules is not what package-lock.json says.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { StartError } from './failure.mjs';
import { run } from './run.mjs';

/** @typedef {{ version?: string, link?: boolean, optional?: boolean }} Locked */
/** @typedef {{ packages?: Record<string, Locked> }} Lock */

/** @param {string} file @returns {Lock | null} */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Compares the lock file with the one that npm leaves in node_modules: no stamp of our own that could be wrong,
 * and a developer's own `npm install` counts.
 * @param {Lock} wanted
 * @param {Lock | null} installed
 */
export function isInstalled(wanted, installed) {
  const present = installed?.packages;
  if (!present) return false;
  return Object.entries(wanted.packages ?? {}).every(([place, entry]) => {
    if (!place.startsWith('node_modules/') && !place.includes('/node_modules/')) return true;
    const found = present[place];
    // Optional packages of other platforms are left out on purpose.
    if (!found) return Boolean(entry.optional);
    return found.link === entry.link && found.version === entry.version;
  });
}

/** @param {string} root */
export function packagesInstalled(root) {
  const wanted = readLock(path.join(root, 'package-lock.json'));
  return Boolean(wanted) && isInstalled(wanted ?? {}, readLock(path.join(root, 'node_modules/.package-lock.json')));
}

/** The user who owns the checkout: what is written into it should be theirs, not root's. @param {string} root */
export function owner(root) {
  const { uid, gid } = statSync(root);
  if (process.getuid?.() !== 0 || uid === 0) return {};
  const home = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[2] === String(uid))?.[5];
  return { uid, gid, env: { ...process.env, HOME: home ?? '/nonexistent' } };
}

/**
 * @param {string} root
 * @param {(line: string) => void} onLine
 */
export async function installPackages(root, onLine) {
  const npm = process.env['npm_execpath'];
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const options = { cwd: root, ...owner(root), onLine };
  let result = await run(command, [...first, 'ci', ...quiet], options);
  // A lock file written behind a registry that has only some platforms' packages does not satisfy `npm ci`.
  if (result.code !== 0 && result.output.includes('npm ci')) {
    result = await run(command, [...first, 'install', '--no-save', ...quiet], options);
  }
  if (result.code === 0) return;
  throw new StartError('The npm packages could not be installed.', {
    why: `npm ended with code ${result.code}`,
    output: result.output,
    next: 'check that the npm registry is reachable (npm ping), then run the same command again',
  });
}
