// Whose the files and processes of sandboxes are on this machine.
import { readFileSync } from 'node:fs';
import { ok, warn } from './finding.mjs';

/** @typedef {import('./finding.mjs').Finding} Finding */

/** The engine's SHIFTED_ROOT and SHIFTED_SIZE: a test holds them together, for this has to run before Node 24 is there. */
export const SANDBOX_IDS = { first: 1_879_048_192, size: 65_536 };

/**
 * Names of those to whom /etc/subuid or /etc/subgid (`name:first:size` a line) gives ids of sandboxes.
 * @param {string} content
 */
export function sharingIds(content) {
  return content
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([name, first, size]) => {
      if (!name || name.startsWith('#')) return false;
      return Number(first) < SANDBOX_IDS.first + SANDBOX_IDS.size && Number(first) + Number(size) > SANDBOX_IDS.first;
    })
    .map(([name]) => String(name));
}

/** @returns {Promise<Finding[]>} */
export async function sandboxIds() {
  const { first, size } = SANDBOX_IDS;
  const findings = ['/etc/subuid', '/etc/subgid'].flatMap((file) => {
    const names = sharingIds(read(file));
    if (!names.length) return [];
    return [
      warn(
        `${file} gives ids of sandboxes (${first} to ${first + size - 1}) to ${[...new Set(names)].join(', ')}`,
        "in user namespaces of their own they are the owner of every sandbox's files and processes",
        `give them other ids: change their lines in ${file}, for example to begin at 100000`,
      ),
    ];
  });
  return findings.length ? findings : [ok('No user of this machine has ids of sandboxes')];
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
