import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { searchFiles } from './search.ts';

let outside: string;
let folder: string;
const signal = new AbortController().signal;
const search = (pattern: string, more: { path?: string; glob?: string; ignoreCase?: boolean } = {}) =>
  searchFiles(folder, { pattern, path: '.', glob: undefined, ignoreCase: false, ...more }, signal);

beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'search-'));
  folder = join(outside, 'project');
  await mkdir(join(folder, 'src/deep'), { recursive: true });
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  await writeFile(join(outside, 'secret.txt'), 'needle outside');
  await writeFile(join(folder, 'src/a.ts'), 'const needle = 1;\n');
  await writeFile(join(folder, 'src/deep/b.md'), 'A Needle (here\n');
  for (const end of ['', 'rc', '.', '.local', '.e', '.e2e', '.exam', '.exampl', '.example2', '.example.local']) {
    await writeFile(join(folder, `.env${end}`), 'KEY=needle\n');
  }
  await writeFile(join(folder, '.env.example'), 'NEEDLE_needle=\n');
  await writeFile(join(folder, 'blob'), Buffer.from('needle\0'));
  await symlink(join(outside, 'secret.txt'), join(folder, 'link'));
});
afterAll(() => rm(outside, { recursive: true, force: true }));

test('finds lines, but no secrets, no binaries, and nothing outside', async () => {
  expect((await search('needle')).split('\n').toSorted()).toEqual([
    '.env.example:1:NEEDLE_needle=',
    'src/a.ts:1:const needle = 1;',
  ]);
});

test('narrows down by path, glob and case', async () => {
  expect(await search('needle', { glob: '*.md', ignoreCase: true })).toBe('src/deep/b.md:1:A Needle (here');
  expect(await search('needle', { path: 'src/deep' })).toBe('No match.');
  await expect(search('x', { path: '..' })).rejects.toThrow('outside');
});

test('takes what is no regular expression as it stands', async () => {
  expect(await search('Needle (here')).toContain('b.md');
  expect(await search('-e --help')).toBe('No match.');
});
