import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ensureLayer } from './layers.ts';

const run = promisify(execFile);

it('makes a layer anew after a build that was killed with file systems mounted in it', async () => {
  const cache = await mkdtemp(path.join(tmpdir(), 'layers-'));
  const mounted = path.join(cache, 'one.1.tmp', 'proc');
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
    await rm(cache, { recursive: true, force: true });
  }
});
