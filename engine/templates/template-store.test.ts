import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TemplateStore } from './template-store.ts';

const size = { cpuCount: 2, memoryMb: 512 };
const result = { layers: ['image:base-1'], settings: { env: {}, user: 'user' } };
let dir: string;
const problems = vi.fn<(file: string, error: unknown) => void>();
const open = () => TemplateStore.open(dir, Date.now, problems);

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'templates-'));
  problems.mockClear();
});
afterEach(() => rm(dir, { recursive: true }));

async function ready(store: TemplateStore, name: string, tags: string[]) {
  const build = await store.request(name, tags, size);
  await store.finish(build, { status: 'ready', result });
  return build;
}

it('resolves names, tags and ids to the newest successful build', async () => {
  const store = await open();
  const first = await ready(store, 'demo', ['default', 'v1']);
  const second = await ready(store, 'demo', ['default']);
  const failed = await store.request('demo', ['default', 'v2'], size);
  await store.finish(failed, { status: 'error', reason: { message: 'broken' } });
  const reopened = await open();
  for (const [name, build] of [
    ['demo', second],
    ['demo:v1', first],
    [second.templateID, second],
  ] as const) {
    expect(reopened.findReady(name)?.build.buildID).toBe(build.buildID);
  }
  expect(reopened.findReady('demo:v2')).toBeUndefined();
  expect(reopened.findReady('other')).toBeUndefined();
});

it('knows a build by its names as soon as it says that it is ready', async () => {
  const store = await open();
  const build = await store.request('demo', ['default'], size);
  const finishing = store.finish(build, { status: 'ready', result });
  const status = () => store.build(build.templateID, build.buildID).status;
  while (status() !== 'ready') await new Promise(setImmediate);
  expect(store.findReady('demo')?.build.buildID).toBe(build.buildID);
  await finishing;
});

it('fails builds that the end of the engine interrupted', async () => {
  const store = await open();
  const build = await store.request('demo', ['default'], size);
  await store.saveBuild({ ...build, status: 'building' });
  const reopened = await open();
  expect(reopened.build(build.templateID, build.buildID)).toMatchObject({
    status: 'error',
    reason: { message: expect.stringContaining('restarted') },
  });
});

it('goes on without a record that cannot be read', async () => {
  await ready(await open(), 'demo', ['default']);
  await writeFile(path.join(dir, 'builds', 'broken.json'), '{');
  expect((await open()).findReady('demo')).toBeDefined();
  expect(problems).toHaveBeenCalledOnce();
});

it('forgets old builds without a tag, and all of a removed template', async () => {
  const store = await open();
  for (let index = 0; index < 15; index++) await ready(store, 'demo', ['default']);
  await store.forgetOldBuilds();
  expect(store.builds()).toHaveLength(11);
  await store.removeTemplate(store.template('demo').templateID);
  expect(store.builds()).toEqual([]);
  expect(await readdir(path.join(dir, 'builds'))).toEqual([]);
});

it('moves and removes tags', async () => {
  const store = await open();
  const build = await ready(store, 'demo', ['default']);
  await store.setTags(build.templateID, ['stable'], build.buildID);
  expect(store.findReady('demo:stable')?.build.buildID).toBe(build.buildID);
  await store.removeTags(build.templateID, ['default']);
  expect(store.findReady('demo')).toBeUndefined();
});

it('finds tags that were once kept in capitals', async () => {
  const store = await open();
  const build = await ready(store, 'demo', ['default']);
  const file = path.join(dir, 'templates', `${build.templateID}.json`);
  const record = { ...store.template('demo'), tags: { V1: { buildID: build.buildID, createdAt: build.createdAt } } };
  await writeFile(file, JSON.stringify(record));
  const reopened = await open();
  for (const name of ['demo:V1', 'demo:v1']) expect(reopened.findReady(name)?.build.buildID).toBe(build.buildID);
});

it('says what is missing in the words of E2B', async () => {
  const store = await open();
  await ready(store, 'demo', ['default']);
  expect(() => store.ready('demo:v9')).toThrow("tag 'v9' does not exist for template 'demo'");
  expect(() => store.ready('other:v9')).toThrow("template 'other' not found");
  expect(store.ready('Demo:default').template.name).toBe('demo');
});

it('removes what a killed engine had half written', async () => {
  await ready(await open(), 'demo', ['default']);
  for (const folder of ['templates', 'builds']) await writeFile(path.join(dir, folder, 'x.json.tmp'), '{');
  expect((await open()).findReady('demo')).toBeDefined();
  for (const folder of ['templates', 'builds']) {
    expect((await readdir(path.join(dir, folder))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }
  expect(problems).not.toHaveBeenCalled();
});
