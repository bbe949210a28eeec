import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cutLogFiles } from './log-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps the last lines of a file that has grown too large', async () => {
  const file = join(folder, 'out.log');
  const lines = Array.from({ length: 100 }, (_none, number) => `line ${number}\n`);
  await writeFile(file, lines.join(''));
  await cutLogFiles(folder, 500, 100);
  const text = await readFile(file, 'utf8');
  expect(text.length).toBeLessThanOrEqual(100);
  expect(text.startsWith('line ')).toBe(true);
  expect(text.endsWith('line 99\n')).toBe(true);
  await appendFile(file, 'more\n');
  expect(await readFile(file, 'utf8')).toBe(`${text}more\n`);
});

it('leaves small files and other files alone', async () => {
  await writeFile(join(folder, 'small.log'), 'a\n'.repeat(200));
  await writeFile(join(folder, 'other.txt'), 'a\n'.repeat(1000));
  await cutLogFiles(folder, 500, 100);
  expect((await readFile(join(folder, 'small.log'))).length).toBe(400);
  expect((await readFile(join(folder, 'other.txt'))).length).toBe(2000);
  await cutLogFiles(join(folder, 'missing'));
});
