import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyToConsole } from './console.ts';

let dir: string;
let file: number;
const read = () => readFile(path.join(dir, 'console.log'), 'utf8');
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'console-'));
  file = openSync(path.join(dir, 'console.log'), 'a');
});
afterEach(async () => {
  closeSync(file);
  await rm(dir, { recursive: true });
});

it('writes both outputs down', async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  copyToConsole([stdout, stderr, null], file);
  stdout.write('one\n');
  stderr.write('two\n');
  expect(await read()).toBe('one\ntwo\n');
});

it('keeps the newest when it becomes too much', async () => {
  const output = new PassThrough();
  copyToConsole([output], file, 1000);
  for (let line = 0; line < 500; line += 1) output.write(`line ${line}\n`);
  const text = await read();
  expect(text.length).toBeLessThan(1100);
  expect(text).toMatch(/^\[what was here before was dropped\]\nline \d+\n[\s\S]*line 499\n$/);
});

it('does not hold up or end a command that cannot be written down', () => {
  const output = new PassThrough();
  copyToConsole([output], 9999);
  expect(output.write('x')).toBe(true);
});
