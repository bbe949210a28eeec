import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SHIFTED_ROOT, SHIFTED_SIZE } from '../runtime/oci-config.ts';
import { readInstance, rememberInstance } from './instance.ts';

const current = { instance: 'tinst', subnet: '10.250.0.0/24' };
const log = pino({ level: 'silent' });
let dataDir = '';

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'instance-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

it('remembers the instance and whose ids its files have', async () => {
  expect(await readInstance(dataDir)).toBeNull();
  await rememberInstance(dataDir, current, log);
  await rememberInstance(dataDir, current, log);
  expect(await readInstance(dataDir)).toEqual({ ...current, shiftedRoot: SHIFTED_ROOT });
});

it.each([
  ['unnamed ones', {}],
  ['named ones', { shiftedRoot: 200_000 }],
])('refuses a folder with files of other ids: %s', async (_, other) => {
  const file = path.join(dataDir, 'instance.json');
  const content = JSON.stringify({ ...current, ...other });
  await writeFile(file, content);
  await expect(rememberInstance(dataDir, current, log)).rejects.toThrow(/belong to host ids from \d00000 on/);
  expect(await readFile(file, 'utf8')).toBe(content);
});

it('gives sandboxes ids that neither useradd nor systemd hands out', () => {
  // SUB_UID_MAX of login.defs; systemd's container range (uid-range.h); ids are signed in some file systems.
  expect(SHIFTED_ROOT).toBeGreaterThan(600_100_000);
  expect(SHIFTED_ROOT).toBeGreaterThan(0x6fff_ffff);
  expect(SHIFTED_ROOT % SHIFTED_SIZE).toBe(0);
  expect(SHIFTED_ROOT + SHIFTED_SIZE).toBeLessThan(0x7fff_0000);
});
