import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCgroups } from './cgroup.ts';
import { createReclaim } from './reclaim.ts';

/** Plain files in the layout of each version; what the kernel does with them is for the integration tests. */
describe('createReclaim', () => {
  let root: string;
  const put = async (file: string, content = '') => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), content);
  };
  const get = (file: string) => readFile(path.join(root, file), 'utf8');
  const { signal } = new AbortController();
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'cgroup-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('empties a cgroup of version 1', async () => {
    await put('memory/e/s/memory.force_empty');
    await createReclaim(root)('/e/s', signal);
    expect(await get('memory/e/s/memory.force_empty')).toBe('0');
    await createReclaim(root)('/e/gone', signal);
  });

  it('asks for all that a cgroup of version 2 has, which may swap until it is thawed', async () => {
    await put('cgroup.controllers', 'memory');
    await put('e/s/memory.reclaim');
    await put('e/s/memory.swap.max', '0');
    await put('e/s/memory.current', '4096\n');
    await createReclaim(root)('/e/s', signal);
    expect(await get('e/s/memory.reclaim')).toBe('4096');
    expect(await get('e/s/memory.swap.max')).toBe('max');
    createCgroups(root).thaw('/e/s');
    expect(await get('e/s/memory.swap.max')).toBe('0');
    await createReclaim(root)('/e/gone', signal);
  });

  it('does not begin when it is over already', async () => {
    await put('memory/e/s/memory.force_empty');
    await createReclaim(root)('/e/s', AbortSignal.abort());
    expect(await get('memory/e/s/memory.force_empty')).toBe('');
  });
});
