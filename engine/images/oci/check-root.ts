import { readdir } from 'node:fs/promises';
import { ImageBuildError } from '../host-program.ts';
import { findInRoot, readInRoot } from './in-root.ts';

const LOADERS = ['lib64/ld-linux-x86-64.so.2', 'lib/ld-linux-aarch64.so.1'];
const LIBRARY_FOLDERS = [
  ...['usr/lib64', 'usr/lib', 'lib64', 'lib'],
  ...['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu'],
];
const MEND = 'Use an image based on Debian or Ubuntu, such as the -slim variant of the same one';

/**
 * Looks whether a sandbox could run from an unpacked image: envd is a program of Node and needs glibc and libstdc++,
 * commands need bash, users need /etc/passwd. What is missing beyond that is installed in the first sandbox.
 * @throws ImageBuildError that says what is missing
 */
export async function checkRoot(root: string, name: string): Promise<void> {
  const fail = (problem: string): never => {
    throw new ImageBuildError(`image '${name}' cannot be the base of a template: ${problem}. ${MEND}`);
  };
  const release =
    (await readInRoot(root, 'etc/os-release')) ?? fail('it has no /etc/os-release (distroless, scratch?)');
  const system = field(release, 'PRETTY_NAME') || field(release, 'ID') || 'unknown';
  const hasLoader = (await Promise.all(LOADERS.map((file) => findInRoot(root, file)))).some((file) => file !== null);
  if (!hasLoader) fail(`${system} has no glibc`);
  if ((await findInRoot(root, 'bin/bash')) === null) fail(`${system} has no /bin/bash`);
  if (!/^root:/m.test((await readInRoot(root, 'etc/passwd')) ?? '')) fail(`${system} has no user root in /etc/passwd`);
  if (!(await hasLibrary(root, 'libstdc++.so.6'))) fail(`${system} has no libstdc++.so.6 (Debian: libstdc++6)`);
}

async function hasLibrary(root: string, name: string): Promise<boolean> {
  for (const folder of LIBRARY_FOLDERS) {
    const found = await findInRoot(root, folder);
    const names = found === null ? [] : await readdir(found).catch((): string[] => []);
    if (names.includes(name)) return true;
  }
  return false;
}

/** A line of os-release(5), without control characters: it is shown to people. */
function field(release: string, name: string): string {
  const value = new RegExp(`^${name}=(.*)$`, 'm').exec(release)?.[1] ?? '';
  return value
    .replace(/^(["'])(.*)\1$/, '$2')
    .replace(/[^ -~]/g, '')
    .slice(0, 60);
}
