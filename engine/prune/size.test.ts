import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { sizesOf } from './size.ts';

it('counts what is linked twice once', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'size-'));
  try {
    const [folder, copy] = [path.join(dir, 'a folder'), path.join(dir, 'copy')];
    await mkdir(folder);
    await writeFile(path.join(folder, 'file'), Buffer.alloc(1_000_000, 1));
    await link(path.join(folder, 'file'), copy);
    const [first = 0, second = 0] = await sizesOf([folder, copy]);
    expect(first).toBeGreaterThan(900_000);
    expect(second).toBe(0);
    expect(await sizesOf([])).toEqual([]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
