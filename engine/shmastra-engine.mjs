#!/usr/bin/env node
// The engine's command under the Node that comes with it as an npm package, whatever Node is on the machine.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

let node;
try {
  node = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/bin/node`);
} catch {
  console.error(`engine: the npm package node-linux-${process.arch} is missing.\nNext: npm install`);
  process.exit(1);
}
const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
// The flag is for `start`: V8 would let the engine grow by 100 MiB under load.
const child = spawn(node, ['--max-semi-space-size=4', cli, ...process.argv.slice(2)], { stdio: 'inherit' });
// Keys of a terminal reach the child by themselves; a signal to this process alone is passed on.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`engine: ${error.message}`);
  process.exitCode = 127;
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
