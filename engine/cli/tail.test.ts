import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tailLines } from './tail.ts';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'tail-'));
  file = path.join(dir, 'log');
});
afterEach(() => rm(dir, { recursive: true }));

const read = async (lines: number) => {
  const found: string[] = [];
  for await (const line of tailLines(file, { lines, follow: false })) found.push(line);
  return found;
};

it('gives the last lines, the unfinished one too', async () => {
  await writeFile(file, 'one\ntwo\nthree');
  expect(await read(2)).toEqual(['two', 'three']);
  expect(await read(9)).toEqual(['one', 'two', 'three']);
  expect(await read(0)).toEqual([]);
});

it('reads no more than the end of a huge file', async () => {
  await writeFile(file, `${'x'.repeat(5_000_000)}\nlast\n`);
  const lines = await read(10);
  expect(lines.at(-1)).toBe('last');
  expect(lines.join('').length).toBeLessThan(1_100_000);
});

it('follows what is added, also after the file was emptied', async () => {
  await writeFile(file, 'old\nhal');
  const lines = tailLines(file, { lines: 1, follow: true });
  const next = async () => (await lines.next()).value;
  expect(await next()).toBe('old');
  await appendFile(file, 'f\n');
  expect(await next()).toBe('half');
  await writeFile(file, 'a\n');
  expect(await next()).toBe('a');
  await lines.return(undefined);
});
