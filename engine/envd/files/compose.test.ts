import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestEnvd, type TestEnvd } from '../testing.ts';

let envd: TestEnvd;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());
const at = (name: string) => path.join(envd.home, name);
const compose = (sources: unknown, destination?: string, more = {}) =>
  envd.call('/files/compose', {
    source_paths: sources,
    ...(destination === undefined ? {} : { destination }),
    ...more,
  });

it('puts files together in order and removes them', async () => {
  await mkdir(at('parts'));
  for (const name of ['1', '2', '3']) await writeFile(at(`parts/${name}`), name.repeat(100_000));
  await mkdir(at('out'));
  await writeFile(at('out/all'), 'old');
  const answer = await compose(['parts/2', at('parts/1'), '~/parts/3'], 'out/all');
  expect(answer).toEqual({ status: 200, json: { path: at('out/all'), name: 'all', type: 'file' } });
  expect(await readFile(at('out/all'), 'utf8')).toBe('2'.repeat(100_000) + '1'.repeat(100_000) + '3'.repeat(100_000));
  expect([await readdir(at('parts')), await readdir(at('out'))]).toEqual([[], ['all']]);
});

it('refuses what cannot be put together, and leaves all as it was', async () => {
  await writeFile(at('a'), 'a');
  await mkdir(at('folder'));
  expect((await compose(['a', 'missing'], 'x')).status).toBe(404);
  expect((await compose(['a', 'folder'], 'x')).status).toBe(400);
  expect((await compose(['a'], 'a')).status).toBe(400);
  expect((await compose([], 'x')).status).toBe(400);
  expect((await compose(['a'])).status).toBe(400);
  expect((await compose('a', 'x')).status).toBe(400);
  expect(await compose(['a'], 'x', { username: 'nobody-here' })).toMatchObject({ status: 401, json: { code: 401 } });
  expect(await readFile(at('a'), 'utf8')).toBe('a');
});
