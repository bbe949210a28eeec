import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bundler, type Bundle } from './bundler.ts';

let projectDir: string;
let bundler: Bundler;

async function write(path: string, text: string): Promise<void> {
  const file = join(projectDir, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function build(): Promise<Bundle> {
  const result = await bundler.build();
  if (result.kind !== 'built') throw new Error(JSON.stringify(result));
  return result.bundle;
}

beforeEach(async () => {
  projectDir = await mkdtemp(join(tmpdir(), 'bundler-'));
  bundler = new Bundler(projectDir);
});
afterEach(async () => {
  await bundler.close();
  await rm(projectDir, { recursive: true });
});

describe('Bundler', () => {
  it('bundles the sources and leaves packages to node_modules', async () => {
    await write(
      'src/mastra/index.ts',
      "import { x } from '../lib/x'; import { y } from 'some-package/sub'; import fs from 'node:fs'; export const mastra: object = { x, y, fs, here: __dirname };",
    );
    await write('src/lib/x.ts', 'export const x = 1;');
    await write('src/mastra/tools/nested/one.ts', 'export const one = 1;');
    await write('src/mastra/tools/one.test.ts', 'this is no code');
    const { file, packages, folders } = await build();
    const code = await readFile(file, 'utf8');
    expect(code).toContain('from "some-package/sub"');
    expect(code).toContain(JSON.stringify(join(projectDir, 'src/mastra')));
    expect(packages).toEqual(['some-package/sub']);
    expect(folders).toContain(join(projectDir, 'src/lib'));
    expect(code).toMatch(/shmastraToolModules = \[one_exports\]/);
  });

  it('knows when nothing has changed, and writes each version to a file of its own', async () => {
    await write('src/mastra/index.ts', 'export const mastra = 1;');
    const first = await build();
    expect(await build()).toBe(first);
    await write('src/mastra/index.ts', 'export const mastra = 2;');
    const second = await build();
    expect(second.file).not.toBe(first.file);
    bundler.keep([first]);
    for (let number = 0; number < 5; number++) {
      await write('src/mastra/index.ts', `export const mastra = ${number};`);
      await build();
    }
    expect((await readdir(dirname(first.file))).filter((name) => name.endsWith('.mjs'))).toHaveLength(4);
    expect(await readFile(first.file, 'utf8')).toContain('mastra = 1');
  });

  it('says where the code is wrong, and recovers', async () => {
    await write('src/mastra/index.ts', 'export const mastra =\n  1 +;\n');
    expect(await bundler.build()).toEqual({
      kind: 'failed',
      errors: [{ message: 'Unexpected ";"', file: 'src/mastra/index.ts', line: 2, column: 6 }],
    });
    await write('src/mastra/index.ts', 'export const mastra = 1;');
    await build();
  });

  it('says so when there is no project', async () => {
    expect(await bundler.build()).toMatchObject({
      kind: 'failed',
      errors: [{ message: expect.stringContaining('src/mastra/index.ts is missing') as string }],
    });
  });

  it('gives stores to the app process to share', async () => {
    await write(
      'src/mastra/index.ts',
      "import { LibSQLStore, other } from '@mastra/libsql'; export const mastra = new LibSQLStore(other);",
    );
    const code = await readFile((await build()).file, 'utf8');
    expect(code).toContain('Symbol.for("shmastra.shareInstances")');
    expect(code).toMatch(/from "@mastra\/libsql"/);
  });
});
