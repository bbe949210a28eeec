import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knownPackageHosts } from './package-hosts.ts';

describe('knownPackageHosts', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'hosts-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('waits the first time and begins with what it knows afterwards', async () => {
    const file = path.join(dir, 'package-hosts.json');
    expect(await knownPackageHosts(file, async () => ['a:443'])).toEqual({ hosts: ['a:443'], fresh: null });
    const second = await knownPackageHosts(file, async () => ['b:443']);
    expect(second.hosts).toEqual(['a:443']);
    expect(await second.fresh).toEqual(['b:443']);
    const third = await knownPackageHosts(file, async () => []);
    expect(third.hosts).toEqual(['b:443']);
    await third.fresh;
  });
});
