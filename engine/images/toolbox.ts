import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleEnvd, koffiAddon } from '../envd/bundle.ts';

/** Where the engine mounts the toolbox in every sandbox, read-only. */
const MOUNT = '/.engine';

const NODE_FLAGS = [
  // Envd holds little: small young generations keep it from growing to V8's defaults under load.
  ...['--max-semi-space-size=2', '--max-old-space-size=96', '--v8-pool-size=1'],
  // At each start of a command there is a moment in which the user's programs may send envd signals: see `withIds`.
  '--disable-sigusr1',
];

/** Longest that compiling envd's code may take, in ms. */
const COMPILE_MS = 20_000;

/** PID 1 of a sandbox and its arguments. */
export const ENVD_COMMAND = [`${MOUNT}/node`, ...NODE_FLAGS, `${MOUNT}/envd.cjs`];

/** Whether a process of a sandbox is envd, whatever its flags, or the init that former engines started it with. */
export function isEnvd(commandLine: string): boolean {
  const [program, ...args] = commandLine.replace(/\0$/, '').split('\0');
  if (program === `${MOUNT}/init`) return true;
  return program === `${MOUNT}/node` && args.at(-1) === `${MOUNT}/envd.cjs`;
}

/** A missing part of the host that the toolbox is made of. */
export class ToolboxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ToolboxError';
  }
}

/** Sandboxes run the Node that npm delivers for this machine: not the image's, which users replace. */
function nodeBinary(): string {
  const name = `node-linux-${process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/node`);
  } catch {
    throw new ToolboxError(`The npm package ${name} is missing: run npm install.`);
  }
}

async function addonBytes(): Promise<Uint8Array> {
  try {
    return await readFile(koffiAddon());
  } catch {
    throw new ToolboxError(`The npm package @koromix/koffi-linux-${process.arch} is missing: run npm install.`);
  }
}

/** One copy of Node's 120 MB for all versions of the toolbox, apart from node_modules, which npm replaces. */
async function linkNode(node: string, dir: string, target: string): Promise<void> {
  const { size } = await stat(node);
  const copy = path.join(dir, `node-${process.version}-${size}`);
  if (!(await stat(copy).catch(() => undefined))) {
    const temporary = `${copy}.${randomBytes(4).toString('hex')}.tmp`;
    await copyFile(node, temporary);
    await chmod(temporary, 0o755);
    await rename(temporary, copy);
  }
  await link(copy, target);
}

/**
 * Keeps the code that this Node makes of envd's bundle beside it: a quarter of the time that envd takes to boot. Without
 * it envd is slower and nothing else.
 */
async function compileBundle(folder: string, program: Uint8Array): Promise<void> {
  const script = path.join(folder, 'compile.cjs');
  const env = {
    ENVD_BUNDLE: path.join(folder, 'bundle.js'),
    ENVD_CACHE: path.join(folder, 'bundle.cache'),
    ENVD_ACCESS_TOKEN: randomBytes(24).toString('hex'),
  };
  await writeFile(script, program);
  try {
    await promisify(execFile)(path.join(folder, 'node'), [...NODE_FLAGS, script], { env, timeout: COMPILE_MS });
  } catch {
    // What was half written V8 would refuse, but it is of no use.
    await rm(env.ENVD_CACHE, { force: true });
  } finally {
    await rm(script);
  }
}

/**
 * Prepares the folder with `node`, `koffi.node` and envd (`envd.cjs` runs `bundle.js` with the help of
 * `bundle.cache`), named by its content, so that running sandboxes keep theirs.
 * @returns the folder's path.
 * @throws ToolboxError when the host lacks a part.
 */
export async function ensureToolbox(dataDir: string): Promise<string> {
  const node = nodeBinary();
  const [envd, addon, nodeStat] = await Promise.all([bundleEnvd(), addonBytes(), stat(node)]);
  const hash = createHash('sha256')
    .update(envd.main)
    .update(envd.loader)
    .update(envd.compile)
    .update(NODE_FLAGS.join(' '))
    .update(addon)
    .update(`${nodeStat.size} ${process.version}`);
  const target = path.join(dataDir, 'toolbox', hash.digest('hex').slice(0, 16));
  if (await stat(target).catch(() => undefined)) return target;

  const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    await Promise.all([
      linkNode(node, path.join(dataDir, 'toolbox'), path.join(temporary, 'node')),
      writeFile(path.join(temporary, 'envd.cjs'), envd.loader, { mode: 0o644 }),
      writeFile(path.join(temporary, 'bundle.js'), envd.main, { mode: 0o644 }),
      writeFile(path.join(temporary, 'koffi.node'), addon, { mode: 0o644 }),
    ]);
    await compileBundle(temporary, envd.compile);
    await chmod(temporary, 0o755);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another engine on the same data made it first.
    if (!(await stat(target).catch(() => undefined))) throw error;
  }
  return target;
}
