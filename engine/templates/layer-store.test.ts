import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LayerStore, stepKey } from './layer-store.ts';

const settings = { env: {}, user: 'user' };
let dir: string;
let now = Date.now();
let store: LayerStore;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'layers-'));
  now = Date.now();
  store = new LayerStore(dir, () => now);
});
afterEach(() => rm(dir, { recursive: true }));

const withFile = async (folder: string) => {
  await mkdir(folder);
  await writeFile(path.join(folder, 'file'), 'x');
};
const layers = async () => (await readdir(dir)).filter((name) => name !== 'cache');

it('finds what a step led to', async () => {
  const key = stepKey(['a']);
  const layer = await store.add(key, settings, withFile);
  expect(await store.find(key)).toMatchObject({ layer, settings });
  expect(await store.find(stepKey(['b']))).toBeUndefined();
  await store.sync();
  expect(await store.find(key)).toEqual({ layer, settings });
});

it('keeps no layer for a step that changed no file', async () => {
  expect(await store.add(stepKey(['a']), settings, async (folder) => void (await mkdir(folder)))).toBeNull();
  expect(await layers()).toEqual([]);
  expect(await store.find(stepKey(['a']))).toMatchObject({ layer: null });
});

it('leaves nothing of a step that failed', async () => {
  const failing = async (folder: string) => {
    await withFile(folder);
    throw new Error('disk full');
  };
  await expect(store.add(stepKey(['a']), settings, failing)).rejects.toThrow('disk full');
  expect(await layers()).toEqual([]);
  expect(await store.find(stepKey(['a']))).toBeUndefined();
});

it('forgets a layer of a boot in which it was not written to the disk for sure', async () => {
  const key = stepKey(['a']);
  const layer = await store.add(key, settings, withFile);
  await writeFile(
    path.join(dir, 'cache', `${key}.json`),
    JSON.stringify({ layer, settings, unsyncedIn: 'former boot' }),
  );
  expect(await store.find(key)).toBeUndefined();
});

it('removes layers that nobody used for a week, except those in use', async () => {
  const old = await store.add(stepKey(['old']), settings, withFile);
  const used = await store.add(stepKey(['used']), settings, withFile);
  const touched = await store.add(stepKey(['touched']), settings, withFile);
  now += 8 * 24 * 3600_000;
  await store.find(stepKey(['touched']));
  expect(await store.collect(new Set([used ?? '']))).toBe(1);
  expect((await layers()).sort()).toEqual([used, touched].sort());
  expect(old).not.toBeNull();
  expect(await store.find(stepKey(['old']))).toBeUndefined();
});

it('sweeps what an interrupted run left', async () => {
  await mkdir(path.join(dir, '0123456789abcdef.tmp'));
  await store.sweep();
  expect(await layers()).toEqual([]);
});

it('tells which layers no record names yet', async () => {
  const layer = await store.addForRecord(withFile, async (id) => {
    expect(store.held()).toEqual([path.join(dir, id ?? '')]);
    return id;
  });
  expect(await layers()).toEqual([layer]);
  expect(store.held()).toEqual([]);
});
