import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** What the engine runs on the host -> the Debian package that has it. */
const PROGRAMS: Record<string, string> = {
  runc: 'runc',
  nft: 'nftables',
  ip: 'iproute2',
  mmdebstrap: 'mmdebstrap',
  'mkfs.ext4': 'e2fsprogs',
  mount: 'mount',
  nsenter: 'util-linux',
};
/** Files instead of programs, any of which will do. */
const FILES: Record<string, string[]> = {
  'golang-github-containers-common': ['/usr/share/containers/seccomp.json'],
};
const PLACES = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Debian packages whose programs are missing on this machine. */
export async function missingPackages(exists = isThere): Promise<string[]> {
  const anyOf = async (files: string[]) => (await Promise.all(files.map((file) => exists(file)))).includes(true);
  const wanted: [string, string[]][] = [
    ...Object.entries(PROGRAMS).map(([program, name]): [string, string[]] => [
      name,
      PLACES.split(':').map((folder) => path.join(folder, program)),
    ]),
    ...Object.entries(FILES),
  ];
  const found = await Promise.all(wanted.map(async ([name, files]) => ((await anyOf(files)) ? [] : [name])));
  return [...new Set(found.flat())];
}

async function isThere(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
