// Runs one of our tools (`vitest`, `tsc`, a .ts file …) under the Node 24 that the project brings along,
// whatever `node` is on the machine: `node scripts/with-node.mjs <tool or file> [arguments]`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { hostNpmConfig, projectNode, root } from './bootstrap/node.mjs';

const [tool, ...args] = process.argv.slice(2);
const node = projectNode();
if (!tool || !node) {
  console.error(tool ? 'The packages are not installed yet. Run: npm install' : 'Say what to run.');
  process.exit(2);
}
const bin = path.join(root, 'node_modules', '.bin', tool);
const env = {
  ...process.env,
  ...hostNpmConfig(),
  PATH: `${path.dirname(node)}:${path.join(root, 'node_modules/.bin')}:${process.env.PATH}`,
};
// What is in .bin starts by its own `#!/usr/bin/env node` (or is a binary), so the PATH decides.
const child = existsSync(bin)
  ? spawn(bin, args, { stdio: 'inherit', env })
  : spawn(node, [tool, ...args], { stdio: 'inherit', env });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`${tool} did not start: ${error.message}`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
