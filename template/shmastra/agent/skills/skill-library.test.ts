import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SkillLibrary } from './skill-library.ts';

let project: string;
let skills: SkillLibrary;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'skills-'));
  const references = join(project, 'node_modules/@mastra/core/dist/docs/references');
  await mkdir(references, { recursive: true });
  await writeFile(
    join(references, 'docs-memory.md'),
    `# Memory\n\nAgents remember with memory.\n${'x'.repeat(50_000)}`,
  );
  await writeFile(join(references, 'docs-tools.md'), '# Tools\n\nA tool has no memory.\n');
  skills = new SkillLibrary(project);
});
afterAll(() => rm(project, { recursive: true, force: true }));

test('lists its skills, each with what it is for', async () => {
  const list = await skills.list();
  expect(list.map(({ name }) => name)).toEqual(['channels', 'mastra', 'mcp-servers', 'web-apps', 'workflows']);
  for (const { description } of list) expect(description.length).toBeGreaterThan(20);
  expect(await skills.read('mastra')).toMatch(/^# Mastra/);
  await expect(skills.read('../mastra')).rejects.toThrow('There are: channels');
});

test('finds documents and reads them part by part', async () => {
  expect((await skills.search('agent memory')).map(({ document }) => document)).toEqual([
    'docs-memory.md',
    'docs-tools.md',
  ]);
  expect(await skills.search('?')).toEqual([]);
  const first = await skills.document('docs-memory.md');
  expect(first.next).toBe(40_000);
  expect((await skills.document('docs-memory.md', first.next)).next).toBeUndefined();
  await expect(skills.document('../../../../package.json')).rejects.toThrow('no document package.json');
});
