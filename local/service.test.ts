import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, isRunning } from './identity.ts';
import { leftovers } from './process-records.ts';
import { type ServiceSpec, createService } from './service.ts';
import { waitUntil } from './wait.ts';

let folder = '';
let warnings: string[] = [];
const services: ReturnType<typeof createService>[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'service-'));
  await mkdir(path.join(folder, 'processes'));
  warnings = [];
});

afterEach(async () => {
  for (const service of services.splice(0)) service.kill();
  await rm(folder, { recursive: true, force: true });
});

/** A process that says `ready` and then does what the script says. */
function service(script: string, spec: Partial<ServiceSpec> = {}, signal = new AbortController().signal) {
  const created = createService(
    {
      name: 'front',
      command: process.execPath,
      args: ['-e', `console.log('ready ' + process.pid);${script}`],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '' },
      ready: async () => (await log()).includes('ready'),
      readyMs: 5_000,
      ...spec,
    },
    { logs: folder, records: path.join(folder, 'processes'), warn: (text) => warnings.push(text), signal },
  );
  services.push(created);
  return created;
}

const log = () => readFile(path.join(folder, 'front.log'), 'utf8').catch(() => '');
const stays = 'setInterval(() => {}, 1000);';

test('a process is started, recorded, and stopped with its signal', async () => {
  const running = service(`process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });${stays}`);
  await running.start();
  const { process: started } = running;
  expect(await leftovers(path.join(folder, 'processes'))).toEqual([{ name: 'front', process: started }]);
  await running.stop();
  expect(await log()).toContain('bye');
  expect(await leftovers(path.join(folder, 'processes'))).toEqual([]);
});

test('one that does not end by its signal is killed', async () => {
  const running = service(`process.on('SIGTERM', () => console.log('no'));${stays}`, { stopMs: 300 });
  await running.start();
  const { process: started } = running;
  await running.stop();
  expect(started && isRunning(started)).toBe(false);
  expect(await log()).toContain('no');
});

test('a start that fails says why, with the last lines and the file', async () => {
  const failing = service(`console.error('the port is taken'); process.exit(1);`, { ready: async () => false });
  await expect(failing.start()).rejects.toMatchObject({
    message: 'front did not start.',
    why: 'it ended by itself',
    output: expect.stringContaining('the port is taken'),
    log: path.join(folder, 'front.log'),
  });
});

test('one that never answers is ended', async () => {
  const mute = service(stays, { ready: async () => false, readyMs: 300 });
  await expect(mute.start()).rejects.toMatchObject({ why: 'it gave no answer for 0.3 s' });
  const pid = Number(/ready (\d+)/.exec(await log())?.[1]);
  expect(await waitUntil(() => identify(pid) === null, { withinMs: 2_000 })).toBe(true);
});

test('after a crash it is started again, and a person is told', async () => {
  const running = service(stays);
  await running.start();
  const first = running.process;
  if (first) process.kill(first.pid, 'SIGKILL');
  expect(await waitUntil(() => warnings.includes('front runs again.'), { withinMs: 8_000 })).toBe(true);
  expect(running.process?.pid).not.toBe(first?.pid);
  expect(warnings[0]).toMatch(/^front ended unexpectedly.*Starting it again in 0.5 s/);
});

test('a stop while it starts ends it in its own way', async () => {
  const abort = new AbortController();
  const slow = service(
    `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });${stays}`,
    {
      ready: async () => {
        if ((await log()).includes('ready')) abort.abort();
        return false;
      },
    },
    abort.signal,
  );
  await slow.start();
  await slow.stop();
  expect(await log()).toContain('bye');
});
