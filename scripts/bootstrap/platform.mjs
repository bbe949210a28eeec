// Can this machine run Shmastra Cloud at all?
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { StartError } from './failure.mjs';

/** util.parseEnv, which reads .env, came with this version. */
const NODE = /** @type {const} */ ([20, 12]);

/**
 * Throws what is wrong with the platform: no message here can be mended by installing a package.
 * @param {{ platform: string, arch: string, node: string, libc: 'glibc' | 'musl' }} machine
 */
export function checkPlatform(machine) {
  if (machine.platform !== 'linux') {
    throw new StartError(`Shmastra Cloud on one box needs Linux; this is ${machine.platform}.`, {
      why: 'the sandboxes are made of Linux namespaces and cgroups',
      next: 'run it on a Debian 12 machine or in a virtual machine',
    });
  }
  if (machine.arch !== 'x64' && machine.arch !== 'arm64') {
    throw new StartError(`Shmastra Cloud runs on x64 and arm64; this is ${machine.arch}.`);
  }
  if (machine.libc === 'musl') {
    throw new StartError('Shmastra Cloud needs a Linux with glibc, such as Debian 12; this one uses musl.');
  }
  const [major = 0, minor = 0] = machine.node.split('.').map(Number);
  if (major < NODE[0] || (major === NODE[0] && minor < NODE[1])) {
    throw new StartError(`Node ${machine.node} is too old.`, {
      why: `npm start needs Node ${NODE.join('.')} or later; it brings the newer Node that the project itself uses`,
      next: 'install a newer Node (Debian packages: https://github.com/nodesource/distributions)',
    });
  }
}

/** What this machine is. */
export function thisMachine() {
  /** @type {{ header?: { glibcVersionRuntime?: string } }} */
  const report = process.platform === 'linux' ? process.report.getReport() : {};
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    libc: /** @type {'glibc' | 'musl'} */ (report.header?.glibcVersionRuntime ? 'glibc' : 'musl'),
    kernel: os.release(),
  };
}

/** The distribution as /etc/os-release names it, for example `Debian GNU/Linux 12 (bookworm)`. */
export function distribution() {
  try {
    return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'an unknown Linux';
  } catch {
    return 'an unknown Linux';
  }
}

export const isRoot = () => process.getuid?.() === 0;

/** The same command as root, with this Node and npm on the PATH. @param {string} command */
export const asRoot = (command) => `sudo env "PATH=$PATH" ${command}`;
