import { copyFile, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { CA_BUNDLE } from './base-image.ts';
import type { HostPackages } from './host-packages.ts';
import { ImageBuildError, runWithProgress } from './host-program.ts';

/** Raise it when the recipe below changes. */
export const NODE_RECIPE = 1;
const INSTALL_MS = 5 * 60_000;
const packageFile = z.object({ version: z.string() });

/** The npm that belongs to a Node major, as its own releases bundle it. */
function npmFor(major: number): string {
  if (major >= 24) return 'npm@11';
  return major >= 18 ? 'npm@10' : 'npm@9';
}

/**
 * Fills `layer` with Node and npm under /usr/local, from the npm packages `node-linux-<arch>` and `npm`.
 * @param version A version or its beginning: `22`, `22.11.0`.
 * @throws ImageBuildError when npm has no such version.
 */
export async function buildNode(
  layer: string,
  version: string,
  host: HostPackages,
  onLine: (line: string) => void,
): Promise<void> {
  const work = await mkdtemp(path.join(tmpdir(), 'shmastra-node-'));
  try {
    const install = async (folder: string, name: string) => {
      const target = path.join(work, folder);
      await mkdir(target);
      await writeFile(path.join(target, 'package.json'), '{"private":true}');
      onLine(`Fetching ${name} from npm`);
      const args = ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', name];
      await runWithProgress('npm', [...args, '--prefix', target], { onLine: () => {}, timeoutMs: INSTALL_MS });
      return path.join(target, 'node_modules');
    };
    const major = Number(version.split('.')[0]);
    const node = path.join(
      await install('node', `node-linux-${process.arch}@${version}`),
      `node-linux-${process.arch}`,
    );
    const npm = path.join(await install('npm', npmFor(major)), 'npm');
    onLine(`Node ${packageFile.parse(JSON.parse(await readFile(path.join(node, 'package.json'), 'utf8'))).version}`);
    await arrange(layer, node, npm, host);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function arrange(layer: string, node: string, npm: string, host: HostPackages): Promise<void> {
  const local = path.join(layer, 'usr/local');
  const modules = path.join(local, 'lib/node_modules');
  await Promise.all([mkdir(path.join(local, 'bin'), { recursive: true }), mkdir(modules, { recursive: true })]);
  if (!(await lstat(path.join(node, 'bin/node'))).isFile())
    throw new ImageBuildError('the Node package has no bin/node');
  await copyFile(path.join(node, 'bin/node'), path.join(local, 'bin/node'));
  const copy = (from: string, to: string) =>
    runWithProgress('cp', ['-rT', '--preserve=mode,links', from, to], { onLine: () => {}, timeoutMs: 60_000 });
  await copy(npm, path.join(modules, 'npm'));
  // Headers, so that native modules build without a download.
  await copy(path.join(node, 'include'), path.join(local, 'include'));
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', path.join(local, 'bin/npm'));
  await symlink('../lib/node_modules/npm/bin/npx-cli.js', path.join(local, 'bin/npx'));
  await mkdir(path.join(local, 'etc'));
  await writeFile(path.join(local, 'etc/npmrc'), npmrc(host));
}

/** What npm in sandboxes needs to get packages the way the host does. */
function npmrc(host: HostPackages): string {
  const lines = ['update-notifier=false', 'fund=false'];
  if (host.npmRegistry) lines.push(`registry=${host.npmRegistry}`);
  if (host.certificates.size > 0) lines.push(`cafile=${CA_BUNDLE}`);
  return `${lines.join('\n')}\n`;
}
