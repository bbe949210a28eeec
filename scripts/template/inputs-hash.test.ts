import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { IGNORED } from './definition.ts';
import { hashInputs } from './inputs-hash.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'inputs-'));
  for (const folder of ['template/project/src', 'template/shmastra/testing', 'scripts/sandbox', 'scripts/template']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await writeFile(join(root, 'template/project/src/a.ts'), 'a');
});
afterEach(() => rm(root, { recursive: true }));

it('changes with the content, the names and the executable bits of the inputs', async () => {
  const hashes = [await hashInputs(root, IGNORED)];
  const changes = [
    () => writeFile(join(root, 'template/project/src/a.ts'), 'b'),
    () => writeFile(join(root, 'template/project/src/b.ts'), ''),
    () => chmod(join(root, 'template/project/src/b.ts'), 0o755),
    () => writeFile(join(root, 'scripts/template/definition.ts'), 'other steps'),
  ];
  for (const change of changes) {
    await change();
    hashes.push(await hashInputs(root, IGNORED));
  }
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashes.every((hash) => /^[0-9a-f]{12}$/.test(hash))).toBe(true);
});

it('does not care about what is not part of a template', async () => {
  const before = await hashInputs(root, IGNORED);
  await mkdir(join(root, 'template/project/node_modules/x'), { recursive: true });
  await mkdir(join(root, 'template/project/.data'));
  for (const file of [
    'template/project/node_modules/x/index.js',
    'template/project/.data/mastra.db',
    'template/shmastra/a.test.ts',
    'template/shmastra/testing/tools.ts',
    'template/shmastra/tsconfig.json',
    'scripts/other.ts',
  ]) {
    await writeFile(join(root, file), 'anything');
  }
  expect(await hashInputs(root, IGNORED)).toBe(before);
});
