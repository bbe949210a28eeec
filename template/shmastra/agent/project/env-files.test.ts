import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEnvFilesNow } from './env-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'env-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a folder without such files, or that is not there, sets nothing', () => {
  expect(readEnvFilesNow(folder)).toEqual([]);
  expect(readEnvFilesNow(join(folder, 'none'))).toEqual([]);
});

test('tells the values of all files, also of one name, but for the example', async () => {
  await writeFile(join(folder, '.env'), 'KEY=one\n');
  await writeFile(join(folder, '.env.development'), 'KEY=two\n');
  await writeFile(join(folder, '.env.e2e'), 'export OTHER="three"\n');
  await writeFile(join(folder, '.env.example'), 'KEY=example\n');
  await writeFile(join(folder, 'env'), 'KEY=none\n');
  await symlink('.env.e2e', join(folder, '.env.link'));
  execFileSync('mkfifo', [join(folder, '.env.pipe')]);
  expect(readEnvFilesNow(folder)).toEqual([
    ['KEY', 'one'],
    ['OTHER', 'three'],
    ['OTHER', 'three'],
    ['KEY', 'two'],
  ]);
});
