import { chmod, link, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { SHIFTED_ROOT } from '../runtime/oci-config.ts';
import { shiftOwners } from './shift-owners.ts';

it.runIf(process.getuid?.() === 0)('shifts each file once and keeps set-uid bits', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'shift-'));
  try {
    await mkdir(path.join(root, 'bin'));
    await writeFile(path.join(root, 'bin/sudo'), '');
    await chmod(path.join(root, 'bin/sudo'), 0o4755);
    await link(path.join(root, 'bin/sudo'), path.join(root, 'bin/sudoedit'));
    await symlink('/etc/passwd', path.join(root, 'link'));
    const target = await lstat('/etc/passwd');
    await shiftOwners(root);
    for (const name of ['', 'bin', 'bin/sudo', 'bin/sudoedit', 'link']) {
      expect(await lstat(path.join(root, name))).toMatchObject({ uid: SHIFTED_ROOT, gid: SHIFTED_ROOT });
    }
    expect((await lstat(path.join(root, 'bin/sudo'))).mode & 0o7777).toBe(0o4755);
    expect((await lstat('/etc/passwd')).uid).toBe(target.uid);
  } finally {
    await rm(root, { recursive: true });
  }
});
