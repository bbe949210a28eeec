import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Template } from 'e2b';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestEngine } from '../testing/engine.ts';

/** Less than what a supervisor grants. */
const STOP_MS = 6000;

let engine: TestEngine;
let cache: string;
beforeEach(async () => {
  // Images of its own: the first build makes one.
  cache = await mkdtemp(path.join(tmpdir(), 'images-'));
  engine = await TestEngine.start({ env: { ENGINE_IMAGE_CACHE: cache } });
});
afterEach(async () => {
  await engine.dispose();
  await rm(cache, { recursive: true, force: true });
});

async function programs(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(cache) && !line.includes('daemon.ts'));
}

it('ends at once while a base image is being made, with all programs that make it', async () => {
  await Template.buildInBackground(Template().fromBaseImage().runCmd('true'), 'early', engine.connection);
  // Packages are there: what is unpacked would be cleaned up for long.
  const unpacking = async () => (await programs()).some((line) => line.includes('dpkg'));
  await expect.poll(unpacking, { timeout: 120_000, interval: 50 }).toBe(true);
  const begun = performance.now();
  await engine.end('SIGTERM');
  expect(performance.now() - begun).toBeLessThan(STOP_MS);
  await expect.poll(programs, { timeout: 5000, interval: 50 }).toEqual([]);
  expect(await engine.remains()).toEqual([]);
});
