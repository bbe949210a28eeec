// `npm run uninstall`: removes what was put on the machine outside the checkout. Asks first, unless `--yes`; keeps the
// data directory, unless `--data`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { dataDirectory, readEnvironment } from './bootstrap/environment.mjs';
import { describe, StartError } from './bootstrap/failure.mjs';
import { projectNode, root } from './bootstrap/node.mjs';
import { asRoot, isRoot } from './bootstrap/platform.mjs';

const withData = process.argv.includes('--data');

async function main() {
  const node = projectNode();
  if (!node) throw new StartError('The npm packages are not installed, so nothing of ours can be on the machine.');
  if (!isRoot()) throw new StartError('Uninstalling needs root.', { next: `run: ${asRoot('npm run uninstall')}` });
  const dataDir = dataDirectory(root, readEnvironment(root));
  console.log(
    'This removes from the machine: the running parts and sandboxes, their mounts, network links, cgroups and',
  );
  console.log('packet filter, and the user shmastra if it made that user.');
  console.log(withData ? `It also deletes ${dataDir}: the database and all sandboxes' files.` : `It keeps ${dataDir}.`);
  if (!process.argv.includes('--yes')) {
    if (!process.stdin.isTTY) throw new StartError('Nobody is here to confirm.', { next: 'add -- --yes' });
    const prompt = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await prompt.question('Go on? Type yes: ');
    prompt.close();
    if (answer.trim().toLowerCase() !== 'yes') {
      console.log('Nothing was changed.');
      return;
    }
  }
  const args = [path.join(root, 'local', 'uninstall.ts'), ...(withData ? ['--data'] : [])];
  const child = spawn(node, args, { cwd: root, stdio: 'inherit' });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}

try {
  await main();
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
}
