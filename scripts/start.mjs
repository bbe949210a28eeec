// `npm start`: brings a fresh machine to the point where the real thing can run (npm packages, the project's own Node,
// Debian packages), then hands over to local/supervisor.ts. Runs on Node 20 with nothing installed.
import { spawn } from 'node:child_process';
import path from 'node:path';
import {
  ENGINE_PACKAGES,
  installDebianPackages,
  missingPackages,
  recordInstalled,
} from './bootstrap/debian-packages.mjs';
import { dataDirectory, readEnvironment } from './bootstrap/environment.mjs';
import { describe, StartError } from './bootstrap/failure.mjs';
import { hostNpmConfig, projectNode, root } from './bootstrap/node.mjs';
import { installPackages, packagesInstalled } from './bootstrap/npm-packages.mjs';
import { asRoot, checkPlatform, isRoot, thisMachine } from './bootstrap/platform.mjs';
import { createProgress } from './bootstrap/progress.mjs';

const started = Date.now();
const progress = createProgress(process.stdout);

async function prepare() {
  checkPlatform(thisMachine());
  if (!packagesInstalled(root)) {
    await progress.run('Installing the npm packages', (step) => installPackages(root, step.detail));
  }
  const node = projectNode();
  if (!node) {
    throw new StartError('The Node that the project uses is not in node_modules.', {
      why: `the optional npm package node-linux-${process.arch} was not installed`,
      next: 'remove node_modules and run npm start again, without --omit=optional',
    });
  }
  const missing = await missingPackages(Object.keys(ENGINE_PACKAGES));
  if (!isRoot()) {
    throw new StartError('Shmastra Cloud is started as root.', {
      why:
        'the sandbox engine makes mounts, network links and cgroups; everything else runs as a user without rights' +
        (missing.length ? `. It would also install the Debian packages ${missing.join(', ')}` : ''),
      next: `run: ${asRoot('npm start')}`,
    });
  }
  if (missing.length) {
    const dataDir = dataDirectory(root, readEnvironment(root));
    await progress.run(`Installing the Debian packages ${missing.join(', ')}`, (step) =>
      installDebianPackages(missing, step.detail),
    );
    recordInstalled(dataDir, missing);
  }
  return node;
}

/** @param {string} node */
function handOver(node) {
  const supervisor = path.join(root, 'local', 'supervisor.ts');
  // The IPC channel tells the supervisor when this process is gone, however it went.
  const child = spawn(node, [supervisor], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...hostNpmConfig(), SHMASTRA_STARTED_AT: String(started) },
  });
  // A terminal sends Ctrl-C to the whole group; a signal sent to this process alone is passed on.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`The supervisor did not start: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

try {
  handOver(await prepare());
} catch (error) {
  progress.close();
  console.error(`\n${describe(error)}`);
  process.exitCode = 1;
}
