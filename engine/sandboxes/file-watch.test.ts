import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFile } from './file-watch.ts';

describe('watchFile', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'file-watch-'));
    file = path.join(folder, 'console.log');
    await writeFile(file, '');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('tells of what is written while somebody waits, and of what was written before', async () => {
    using watched = watchFile(file);
    const begun = performance.now();
    const waiting = watched.next(20_000);
    await appendFile(file, 'one');
    expect(await waiting).toBe(true);
    await appendFile(file, 'two');
    expect(await watched.next(20_000)).toBe(true);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  it('ends the wait in silence', async () => {
    using watched = watchFile(file);
    const begun = performance.now();
    expect(await watched.next(30)).toBe(false);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(25);
  });
});
