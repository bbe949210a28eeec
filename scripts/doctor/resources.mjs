// Disk, memory and open files.
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, warn } from './finding.mjs';

/** @typedef {import('./finding.mjs').Machine} Machine */
/** @typedef {import('./finding.mjs').Finding} Finding */

const GB = 1024 ** 3;
/** The template with its build layers, the database and a few sandboxes. */
const DISK = { fail: 4, warn: 15 };
/** The processes of the box take about 1 GB, a sandbox in use 0.4 GB. */
const MEMORY_WARN = 4;
const OPEN_FILES = 8192;

/** The folder itself, or the nearest one above it that exists. @param {string} folder @returns {string} */
const existing = (folder) => (existsSync(folder) ? folder : existing(path.dirname(folder)));

/** @param {Machine} machine @returns {Promise<Finding[]>} */
export async function disk({ dataDir }) {
  const { bavail, bsize, ffree, files } = statfsSync(existing(dataDir));
  const free = (bavail * bsize) / GB;
  const what = `${free.toFixed(1)} GB are free for ${dataDir}`;
  const why = `the sandbox template needs about ${DISK.fail} GB while it is built, each sandbox up to its disk quota`;
  const fix = 'free some space, or put DATA_DIR on a larger disk';
  if (free < DISK.fail) return [fail(`Only ${what}`, why, fix)];
  if (files > 0 && ffree < 200_000) return [warn(`Only ${ffree} files can still be made on this disk`, why, fix)];
  return [free < DISK.warn ? warn(`Only ${what}`, why, fix) : ok(what)];
}

/** @returns {Promise<Finding[]>} */
export async function memory() {
  const available = Number(/^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) / 1024 ** 2;
  const what = `${available.toFixed(1)} GB of memory are available`;
  if (available >= MEMORY_WARN) return [ok(what)];
  return [
    warn(
      `Only ${what}`,
      'the box takes about 1 GB and each sandbox in use about 0.4 GB',
      'use a machine with 8 GB or more',
    ),
  ];
}

/** @returns {Promise<Finding[]>} */
export async function openFiles() {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '';
  if (hard === 'unlimited' || Number(hard) >= OPEN_FILES) return [];
  return [
    warn(
      `A process may open only ${hard} files`,
      'every stream of a user takes two',
      `raise it before npm start: ulimit -n ${OPEN_FILES}`,
    ),
  ];
}
