import { appendFile, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readable, rotate, tail } from './log-file.ts';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'log-'));
  file = path.join(folder, 'front.log');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a writer that keeps its file open goes on at the start after the log was turned over', async () => {
  await using handle = await open(file, 'a');
  await handle.write('first\n'.repeat(10));
  expect(await rotate(file, 1000)).toBe(false);
  expect(await rotate(file, 10)).toBe(true);
  await handle.write('second\n');
  expect(await readFile(file, 'utf8')).toBe('second\n');
  expect((await stat(`${file}.1`)).size).toBe(60);
  expect(await rotate(file, 1)).toBe(true);
  expect((await stat(`${file}.2`)).size).toBe(60);
});

test('the tail starts where this run of the process started', async () => {
  await appendFile(file, 'old\n');
  await appendFile(file, '{"level":50,"msg":"could not listen","err":{"message":"EADDRINUSE"}}\n');
  expect(await tail(file, 4)).toBe('error: could not listen: EADDRINUSE');
  expect(await tail(path.join(folder, 'none.log'))).toBe('');
});

test('lines that are not pino stay as they are', () => {
  expect(readable('Error: x')).toBe('Error: x');
  expect(readable('{broken')).toBe('{broken');
  expect(readable('{"level":"warn","msg":"slow"}')).toBe('warn: slow');
});
