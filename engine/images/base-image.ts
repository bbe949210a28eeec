import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withOwnMounts } from '../disk/own-mounts.ts';
import { runWithProgress } from './host-program.ts';
import { type HostPackages, SUITE } from './host-packages.ts';

/** Raise it when the recipe below changes: images of the former recipe are then made anew. */
export const BASE_RECIPE = 3;
const BUILD_MS = 20 * 60_000;

/** Beside what is essential: what people and agents expect of a shell, and sudo. */
const PACKAGES = [
  ...[
    'bash-static',
    'ca-certificates',
    'curl',
    'git',
    'gnupg',
    'iproute2',
    'less',
    'openssh-client',
    'patch',
    'procps',
  ],
  ...['psmisc', 'python-is-python3', 'python3', 'ripgrep', 'sudo', 'unzip', 'xz-utils', 'zip'],
];

/** Nobody reads these in a sandbox. They are removed here and left out of what is installed later. */
const UNREAD = ['man', 'info', 'locale', 'lintian', 'bug'];
const DPKG_RULES = [
  'force-unsafe-io',
  ...UNREAD.map((name) => `path-exclude=/usr/share/${name}/*`),
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
];

/** Where the system's certificates are, in every image. */
export const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/** Variables that tell programs with certificates of their own to use the system's; only where the host adds some. */
export function certificateEnvironment(host: HostPackages): Record<string, string> {
  if (host.certificates.size === 0) return {};
  return { NODE_EXTRA_CA_CERTS: CA_BUNDLE, SSL_CERT_FILE: CA_BUNDLE, REQUESTS_CA_BUNDLE: CA_BUNDLE };
}

/**
 * Makes Debian's root file system in `rootfs` (which must not exist), with E2B's user `user` (uid 1000).
 * @throws ImageBuildError
 */
export async function buildBase(rootfs: string, host: HostPackages, onLine: (line: string) => void): Promise<void> {
  const args = [
    ...['--variant=apt', '--mode=root', '--format=directory', `--include=${PACKAGES.join(',')}`],
    // The tree is thrown away when this is interrupted: no need to wait for the disk.
    '--dpkgopt=force-unsafe-io',
    ...[SUITE, rootfs, ...host.debianSources],
  ];
  // What it mounts is its own affair, and gone when it is killed.
  await runWithProgress('unshare', withOwnMounts('mmdebstrap', args), { onLine, timeoutMs: BUILD_MS });
  onLine('Setting up the user and the certificates');
  await writeFiles(rootfs, host);
  const inRoot = (...command: string[]) =>
    runWithProgress('chroot', [rootfs, ...command], { onLine: () => {}, timeoutMs: 120_000, env: { PATH: ROOT_PATH } });
  await inRoot('useradd', '--create-home', '--uid', '1000', '--user-group', '--shell', '/bin/bash', 'user');
  await inRoot('update-ca-certificates');
  await inRoot('sh', '-c', STATIC_BASH);
  await inRoot('sh', '-c', CLEAN);
}

/**
 * Every command of E2B's SDKs starts a bash: linked statically it starts in two thirds of the time. A diversion keeps
 * it when the package bash is upgraded.
 */
const STATIC_BASH = `
set -e
dpkg-divert --quiet --local --rename --divert /bin/bash.dynamic --add /bin/bash
ln -s bash-static /bin/bash
`;

const CLEAN = `
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/ldconfig/* /var/log/*.log /tmp/* /etc/machine-id
rm -rf ${UNREAD.map((name) => `/usr/share/${name}/*`).join(' ')}
find /usr/share/doc -mindepth 1 ! -type d ! -name copyright -delete
`;

const ROOT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

async function writeFiles(rootfs: string, host: HostPackages): Promise<void> {
  const write = async (file: string, content: string, mode = 0o644) => {
    const target = path.join(rootfs, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content, { mode });
  };
  const variables = certificateEnvironment(host);
  const kept = Object.keys(variables).join(' ');
  await write(
    'etc/sudoers.d/user',
    `user ALL=(ALL:ALL) NOPASSWD: ALL\n${kept ? `Defaults env_keep += "${kept}"\n` : ''}`,
    0o440,
  );
  // Debian's own replaces PATH in every login shell, and with it a template's ENV PATH.
  await write('etc/profile', PROFILE);
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`);
  if (exports.length > 0) await write('etc/profile.d/host-certificates.sh', exports.join(''));
  for (const [name, content] of host.certificates) await write(`usr/local/share/ca-certificates/${name}`, content);
  await write('etc/default/locale', 'LANG=C.UTF-8\n');
  // Packages must not start services while they are installed, and caches do not belong in layers (as in Docker's images).
  await write('usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
  await write('etc/apt/apt.conf.d/docker-clean', APT_CLEAN);
  await write('etc/dpkg/dpkg.cfg.d/sandbox', `${DPKG_RULES.join('\n')}\n`);
  // What the engine mounts over: it must not have to make these in every sandbox.
  await mkdir(path.join(rootfs, '.engine'), { recursive: true });
  for (const name of ['resolv.conf', 'hosts', 'hostname']) await write(`etc/${name}`, '');
}

/** /etc/profile of every image. */
export const PROFILE = `# System-wide profile of login shells. PATH is kept when the environment sets it.
: "\${PATH:=${ROOT_PATH}}"
export PATH
if [ -n "\${BASH_VERSION-}" ] && [ -n "\${PS1-}" ] && [ -f /etc/bash.bashrc ]; then . /etc/bash.bashrc; fi
for script in /etc/profile.d/*.sh; do
  if [ -r "$script" ]; then . "$script"; fi
done
unset script
`;

const APT_CLEAN = `DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Apt::AutoRemove::SuggestsImportant "false";
`;
