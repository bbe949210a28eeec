import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { whereToOpen } from './where-to-open.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-'));
  await mkdir(join(folder, 'src/mastra/agents'), { recursive: true });
  await mkdir(join(folder, 'src/mastra/workflows'), { recursive: true });
  await writeFile(
    join(folder, 'src/mastra/agents/a.ts'),
    "const s = { id: 'no' };\nexport const a = new Agent({ id: 'the-agent' });",
  );
  await writeFile(
    join(folder, 'src/mastra/workflows/w.ts'),
    "createStep({ id: 'step' });\nexport const w = createWorkflow({\n  id: 'the-flow',\n});",
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = (name: string, added = 1) => ({
  file: name,
  added,
  removed: 0,
  patch: '',
  truncated: false,
  binary: false,
});

test.each([
  [[file('src/mastra/agents/index.ts', 9), file('src/mastra/agents/a.ts')], '/studio/agents/the-agent/threads/new'],
  [[file('src/mastra/workflows/w.ts')], '/studio/workflows/the-flow/graph'],
  [[file('src/mastra/agents/a.ts', 9), file('src/mastra/public/apps/shop/index.html')], '/apps/shop'],
  [[file('src/mastra/agents/a.ts', 0)], undefined],
  [[file('README.md')], undefined],
])('says where to look at a change (%#)', async (files, path) => {
  expect((await whereToOpen(folder, files))?.path).toBe(path);
});
