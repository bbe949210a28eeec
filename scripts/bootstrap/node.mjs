// Where the checkout is, and the Node that the project brings along as an npm package (no install script, no download of its own).
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The path of the project's Node 24, or null while the npm packages are not installed. */
export function projectNode(arch = process.arch, folder = root) {
  const file = path.join(folder, 'node_modules', `node-linux-${arch}`, 'bin', 'node');
  return existsSync(file) ? file : null;
}

/**
 * What makes npm under the project's Node read the machine's own configuration (registry, certificates, proxy): npm looks
 * for the global file beside the Node that runs it. Call it under the machine's Node.
 * @returns {{ npm_config_globalconfig?: string }}
 */
export function hostNpmConfig(env = process.env, node = process.execPath) {
  const file = env.npm_config_globalconfig ?? path.resolve(node, '../../etc/npmrc');
  return existsSync(file) ? { npm_config_globalconfig: file } : {};
}
