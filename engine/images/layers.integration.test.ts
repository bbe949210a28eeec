import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ensureLayer } from './layers.ts';

const run = promisify(execFile);

it.each([
  ['', 'cache'],
  [', in a cache that is a link', 'link'],
])('makes a layer anew after a build that was killed with file systems mounted in it%s', async (_, name) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'layers-'));
  await symlink('cache', path.join(dir, 'link'));
  const cache = path.join(dir, name);
  const mounted = path.join(dir, 'cache', 'one.1.tmp', 'proc');
  try {
    await mkdir(mounted, { recursive: true });
    await run('mount', ['-t', 'tmpfs', 'none', mounted]);
    const build = async (folder: string) => {
      await mkdir(folder);
      await writeFile(path.join(folder, 'file'), '');
    };
    const layer = await ensureLayer(cache, { name: 'one', build }, () => {});
    expect(await readdir(layer)).toEqual(['file']);
    expect((await readdir(cache)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  } finally {
    await run('umount', [mounted]).catch(() => {});
    await rm(dir, { recursive: true, force: true });
  }
});
