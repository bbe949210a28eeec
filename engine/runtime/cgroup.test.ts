import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCgroups } from './cgroup.ts';

/** Plain files in the layout of each version; what the kernel does with them is for the integration tests. */
describe('createCgroups', () => {
  let root: string;
  const put = async (file: string, content = '') => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), content);
  };
  const get = (file: string) => readFile(path.join(root, file), 'utf8');
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'cgroup-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('freezes and thaws by freezer.state in version 1', async () => {
    await put('freezer/e/s/freezer.state', 'THAWED');
    await put('freezer/e/s/cgroup.procs', '12\n13\n');
    await put('freezer/e/s/below/cgroup.procs', '14\n');
    const cgroups = createCgroups(root);
    expect(cgroups.version).toBe(1);
    await cgroups.freeze('/e/s');
    expect(await get('freezer/e/s/freezer.state')).toBe('FROZEN');
    expect(cgroups.isFrozen('/e/s')).toBe(true);
    cgroups.thaw('/e/s');
    expect(cgroups.isFrozen('/e/s')).toBe(false);
    expect(cgroups.processes('/e/s')).toEqual([12, 13, 14]);
  });

  it('freezes and thaws by cgroup.freeze in version 2', async () => {
    await put('cgroup.controllers', 'cpu memory pids');
    await put('e/s/cgroup.freeze', '0');
    await put('e/s/cgroup.events', 'populated 1\nfrozen 1\n');
    await put('e/s/cgroup.procs', '12\n');
    const cgroups = createCgroups(root);
    expect(cgroups.version).toBe(2);
    await cgroups.freeze('/e/s');
    expect(await get('e/s/cgroup.freeze')).toBe('1');
    expect(cgroups.isFrozen('/e/s')).toBe(true);
    cgroups.thaw('/e/s');
    expect(cgroups.isFrozen('/e/s')).toBe(false);
    expect(cgroups.processes('/e/s')).toEqual([12]);
  });

  it('lists and removes what is there in any hierarchy, and nothing is no error', async () => {
    for (const directory of ['freezer/e/a/below', 'memory/e/b', 'cpu'])
      await mkdir(path.join(root, directory), { recursive: true });
    const cgroups = createCgroups(root);
    expect(cgroups.children('/e').toSorted()).toEqual(['a', 'b']);
    await cgroups.remove('/e/a');
    await cgroups.remove('/e/a');
    expect(await readdir(path.join(root, 'freezer/e'))).toEqual([]);
    await cgroups.remove('/e');
    expect(cgroups.children('/e')).toEqual([]);
    expect(cgroups.processes('/e/none')).toEqual([]);
    cgroups.thaw('/e/none');
  });
});
