import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readBlankImage } from './blank-image.ts';

const MIB = 2 ** 20;

it('copies the used blocks of a sparse file, and its size', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'blank-image-'));
  try {
    const source = path.join(folder, 'source.img');
    await using handle = await open(source, 'w');
    await handle.truncate(64 * MIB);
    await handle.write(Buffer.alloc(5000, 1), 0, 5000, 0);
    await handle.write(Buffer.alloc(9000, 2), 0, 9000, 40 * MIB);
    const image = await readBlankImage(source);
    const copy = path.join(folder, 'copy.img');
    await image.copyTo(copy);
    expect((await readFile(copy)).equals(await readFile(source))).toBe(true);
    expect((await stat(copy)).blocks * 512).toBeLessThan(MIB);
  } finally {
    await rm(folder, { recursive: true });
  }
});
