import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { BuildLog, LineSplitter, readLog } from './build-log.ts';

it('gives its entries, also when the build has ended', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'build-log-'));
  try {
    const file = path.join(dir, 'log');
    const log = await BuildLog.create(file, () => 0);
    for (let index = 0; index < 150; index++) log.add('info', `line ${index}`, '1');
    expect(log.entries()).toHaveLength(150);
    expect(log.entries()[100]).toEqual({
      timestamp: '1970-01-01T00:00:00.000Z',
      level: 'info',
      message: 'line 100',
      step: '1',
    });
    await log.close();
    expect(await readLog(file)).toEqual(log.entries());
    expect(await readLog(path.join(dir, 'none'))).toEqual([]);
  } finally {
    await rm(dir, { recursive: true });
  }
});

it('cuts off a build that prints without end, and long lines', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'build-log-'));
  try {
    const log = await BuildLog.create(path.join(dir, 'log'), () => 0);
    for (let index = 0; index < 20_100; index++) log.add('info', 'x'.repeat(index === 0 ? 10_000 : 1));
    expect(log.entries()[0]?.message).toHaveLength(4000);
    expect(
      log
        .entries()
        .slice(20_000)
        .map((entry) => entry.message),
    ).toEqual([expect.stringContaining('left out')]);
    await log.close();
  } finally {
    await rm(dir, { recursive: true });
  }
});

it('splits output into lines across chunks, without what a progress bar overwrote', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of ['one\ntw', 'o\r\n\n10%\r20%\r', '30%\nlast ', 'ü']) splitter.write(Buffer.from(chunk));
  splitter.end();
  expect(lines).toEqual(['one', 'two', '30%', 'last ü']);
});
