import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { neededSettings, raiseSettings, restoreSettings } from './host-settings.ts';

const log = pino({ level: 'silent' });
const INSTANCES = 'fs.inotify.max_user_instances';
const FORWARD = 'net.ipv4.ip_forward';
let dataDir = '';
let root = '';
const file = (name: string) => path.join(root, ...name.split('.'));
const put = async (name: string, value: number) => {
  await mkdir(path.dirname(file(name)), { recursive: true });
  await writeFile(file(name), `${value}\n`);
};
const value = async (name: string) => Number(await readFile(file(name), 'utf8'));
const raise = (instances: number) =>
  raiseSettings(
    dataDir,
    { [FORWARD]: { atLeast: 1, isRequired: true }, [INSTANCES]: { atLeast: instances } },
    log,
    root,
  );
const restore = (isUp = false) => restoreSettings(dataDir, { root, isEngineUp: async () => isUp });

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'settings-'));
  root = path.join(dataDir, 'sys');
  await put(INSTANCES, 128);
  await put(FORWARD, 0);
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

it('raises what is too low, and sets it back to what it was first', async () => {
  await raise(1000);
  await raise(500);
  expect(await value(INSTANCES)).toBe(1000);
  await raise(2000);
  expect([await value(INSTANCES), await value(FORWARD)]).toEqual([2000, 1]);
  expect(await restore()).toEqual([`${FORWARD} is 0 again`, `${INSTANCES} is 128 again`]);
  expect([await value(INSTANCES), await value(FORWARD)]).toEqual([128, 0]);
  expect(await restore()).toEqual([]);
});

it('leaves alone what is high enough and what somebody changed meanwhile', async () => {
  await put(FORWARD, 1);
  await raise(1000);
  await put(INSTANCES, 9000);
  expect(await restore()).toEqual([]);
  expect([await value(INSTANCES), await value(FORWARD)]).toEqual([9000, 1]);
});

it('sets nothing back of before a reboot', async () => {
  await raise(1000);
  const record = path.join(dataDir, 'host-settings.json');
  const content = await readFile(record, 'utf8');
  await writeFile(record, JSON.stringify({ ...JSON.parse(content), bootId: 'an-earlier-one' }));
  expect(await restore()).toEqual([]);
  expect(await value(FORWARD)).toBe(1);
});

it('keeps what another engine needs, and sets it back when that is gone', async () => {
  await raise(1000);
  expect(await restore(true)).toEqual([`kept ${FORWARD}, ${INSTANCES}: another engine on this machine needs it`]);
  expect(await value(FORWARD)).toBe(1);
  expect(await restore()).toHaveLength(2);
});

it('goes on where a setting cannot be written, unless it is required', async () => {
  // The kernel refuses writes to these even from root.
  const settings = (isRequired: boolean) => ({ 'kernel.ngroups_max': { atLeast: 1e9, isRequired } });
  await raiseSettings(dataDir, settings(false), log);
  await expect(raiseSettings(dataDir, settings(true), log)).rejects.toThrow('could not set kernel.ngroups_max');
  expect(await restoreSettings(dataDir, { isEngineUp: async () => false })).toEqual([]);
});

it('takes a limit of 0 for none where the kernel does', async () => {
  const name = 'fs.pipe-user-pages-soft';
  await put(name, 0);
  const settings = neededSettings({ maxRunning: 1, pids: 64 });
  await raiseSettings(dataDir, { [name]: settings[name] ?? { atLeast: 0 } }, log, root);
  expect(await value(name)).toBe(0);
});

it('needs what all sandboxes together may take, within a part of the memory', () => {
  const settings = neededSettings({ maxRunning: 200, pids: 2048 }, 2 ** 50);
  expect(settings[INSTANCES]?.atLeast).toBe(200 * 64 + 1024);
  expect(settings['fs.inotify.max_user_watches']?.atLeast).toBe(201 * 65_536);
  expect(neededSettings({ maxRunning: 200, pids: 2048 }, 8 * 2 ** 30)['fs.inotify.max_user_watches']?.atLeast).toBe(
    2 ** 20,
  );
});
