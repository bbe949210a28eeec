import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Chunk } from './chunks.ts';
import { readTurnLog, TurnLog } from './turn-log.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turn-log-'));
  file = join(folder, 'turn.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const chunk = (delta: string): Chunk => ({ type: 'text-delta', id: 't', delta });
const never = new AbortController().signal;

async function collect(log: TurnLog, after = 0, signal = never) {
  const entries = [];
  for await (const entry of log.follow(after, signal)) entries.push(entry);
  return entries;
}

test('replays what was, then follows to the end', async () => {
  const log = new TurnLog();
  log.append(chunk('a'));
  log.append(chunk('b'));
  const [all, late] = [collect(log), collect(log, 1)];
  log.append(chunk('c'));
  await log.end();
  log.append(chunk('after the end'));
  expect((await all).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect((await late).map((entry) => entry.chunk)).toEqual([chunk('b'), chunk('c')]);
  expect(await collect(log, 99)).toEqual([]);
});

test('lets a reader go', async () => {
  const gone = new AbortController();
  const reading = collect(new TurnLog(), 0, gone.signal);
  gone.abort();
  expect(await reading).toEqual([]);
});

test('is the same when it is read from its file', async () => {
  const log = TurnLog.start(file, { turnId: 'one' });
  log.append(chunk('a\nb'));
  await log.end();
  expect(await readTurnLog(file)).toEqual({
    record: { turnId: 'one' },
    entries: [{ sequence: 1, chunk: chunk('a\nb') }],
    ended: true,
  });
});

test('goes on in its file when the process before was killed while it wrote', async () => {
  const log = TurnLog.start(file, { turnId: 'one' });
  log.append(chunk('a'));
  await expect.poll(async () => (await readTurnLog(file)).entries.length).toBe(1);
  await appendFile(file, '{"chunk":{"type":"text-de');
  const stored = await readTurnLog(file);
  expect(stored).toMatchObject({ ended: false, entries: [{ sequence: 1 }] });
  const next = new TurnLog(file, stored.entries);
  next.append(chunk('b'));
  await next.end();
  await log.end();
  expect((await collect(next)).map((entry) => entry.chunk)).toEqual([chunk('a'), chunk('b')]);
  expect((await readTurnLog(file)).entries.map((entry) => entry.chunk)).toEqual([chunk('a'), chunk('b')]);
});
