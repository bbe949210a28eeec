import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SourceWatcher, type Change } from './watcher.ts';

let projectDir: string;
let watcher: SourceWatcher;
let seen: Change[];

const change = async (path: string) => writeFile(join(projectDir, path), String(Math.random()));

/** The changes that the watcher sees once this is done. */
async function changesAfter(act: () => Promise<unknown>): Promise<Change[]> {
  seen.length = 0;
  await act();
  await vi.waitFor(() => expect(seen).not.toEqual([]));
  return seen;
}

beforeEach(async () => {
  projectDir = await mkdtemp(join(tmpdir(), 'watcher-'));
  await mkdir(join(projectDir, 'src/mastra/agents'), { recursive: true });
  await mkdir(join(projectDir, 'node_modules'));
  seen = [];
  watcher = new SourceWatcher({ projectDir, onChange: (kind) => seen.push(kind) });
});
afterEach(async () => {
  watcher.close();
  await rm(projectDir, { recursive: true });
});

describe('SourceWatcher', () => {
  it('sees files that are written, replaced, added to new folders, and removed', async () => {
    expect(await changesAfter(() => change('src/mastra/agents/a.ts'))).toContain('source');
    const replace = async () => {
      await change('temporary');
      await rename(join(projectDir, 'temporary'), join(projectDir, 'src/mastra/agents/a.ts'));
    };
    expect(await changesAfter(replace)).toContain('source');
    expect(await changesAfter(() => mkdir(join(projectDir, 'src/mastra/new/deep'), { recursive: true }))).toContain(
      'source',
    );
    expect(await changesAfter(() => change('src/mastra/new/deep/b.ts'))).toContain('source');
    expect(await changesAfter(() => rm(join(projectDir, 'src/mastra/agents/a.ts')))).toContain('source');
  });

  it('sees folders that a build read from elsewhere', async () => {
    await mkdir(join(projectDir, 'shared'));
    watcher.include([join(projectDir, 'shared')]);
    expect(await changesAfter(() => change('shared/c.ts'))).toContain('source');
  });

  it('asks for a new process after an install and for .env', async () => {
    expect(await changesAfter(() => change('.env'))).toContain('restart');
    expect(await changesAfter(() => change('node_modules/.modules.yaml'))).toContain('restart');
    expect(await changesAfter(() => change('node_modules/.package-lock.json'))).toContain('restart');
  });

  it('does not care about other files', async () => {
    await change('src/mastra/data.db');
    await change('notes.txt');
    await change('node_modules/other');
    // Events come in order: when this one is there, those before would be, too.
    expect(await changesAfter(() => change('src/mastra/agents/last.ts'))).toContain('source');
    expect(seen).toEqual(['source']);
  });

  it('counts changes close together as one', async () => {
    await Promise.all(Array.from({ length: 20 }, (_none, number) => change(`src/mastra/agents/${number}.ts`)));
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0));
    expect(seen.length).toBeLessThan(5);
  });
});
