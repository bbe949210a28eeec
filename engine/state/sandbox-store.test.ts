import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRecord } from '../testing/record.ts';
import { SandboxStore } from './sandbox-store.ts';

describe('SandboxStore', () => {
  let dir: string;
  let store: SandboxStore;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'store-'));
    store = new SandboxStore(dir);
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('gives back what was saved last', async () => {
    const record = testRecord({ id: 'ione', metadata: { a: 'b' } });
    await store.createFolder('ione');
    await store.save(record);
    await store.save({ ...record, state: 'paused' });
    expect(await store.load()).toEqual([{ id: 'ione', record: { ...record, state: 'paused' } }]);
    expect(await readdir(store.folder('ione'))).toEqual(['sandbox.json']);
  });

  it('tells a folder without a record from one that cannot be read', async () => {
    await store.createFolder('inone');
    await mkdir(store.folder('ibad'));
    await writeFile(path.join(store.folder('ibad'), 'sandbox.json'), '{"version":1,"id":');
    const loaded = await store.load();
    expect(loaded.find((entry) => entry.id === 'inone')).toEqual({ id: 'inone', record: null });
    expect(loaded.find((entry) => entry.id === 'ibad')?.problem).toBeInstanceOf(Error);
  });

  it('removes in two steps, each of which may be repeated', async () => {
    await store.createFolder('ione');
    await store.save(testRecord({ id: 'ione' }));
    await store.removeRecord('ione');
    await store.removeRecord('ione');
    expect(await store.load()).toEqual([{ id: 'ione', record: null }]);
    await store.removeFolder('ione');
    await store.removeFolder('ione');
    await store.removeRecord('ione');
    expect(await store.load()).toEqual([]);
  });
});
