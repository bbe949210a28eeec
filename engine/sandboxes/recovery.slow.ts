import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Sandbox } from 'e2b';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCgroups, signal } from '../runtime/cgroup.ts';
import { removeHostState } from '../state/instance.ts';
import { TestEngine } from '../testing/engine.ts';

describe('what becomes of sandboxes when the engine ends', () => {
  let engine: TestEngine;
  const create = (options: Parameters<typeof Sandbox.create>[1] = {}) =>
    Sandbox.create('base', { ...engine.connection, timeoutMs: 120_000, lifecycle: { onTimeout: 'pause' }, ...options });
  const connect = (sandbox: Sandbox) => Sandbox.connect(sandbox.sandboxId, engine.connection);

  beforeEach(async () => {
    engine = await TestEngine.start();
  });
  afterEach(() => engine.dispose());

  it('adopts running and paused sandboxes after kill -9, with the same processes', async () => {
    const running = await create();
    const paused = await create();
    const { pid } = await running.commands.run('sleep 1000', { background: true });
    await paused.pause();
    await engine.end('SIGKILL');
    await engine.launch();
    expect((await paused.getInfo()).state).toBe('paused');
    expect((await running.commands.run(`cat /proc/${pid}/comm`)).stdout).toBe('sleep\n');
    expect((await (await connect(paused)).commands.run('echo back')).stdout).toBe('back\n');
    await running.setTimeout(500);
    await expect.poll(async () => (await running.getInfo()).state, { timeout: 5000 }).toBe('paused');
  });

  it('starts sandboxes from their disks when all processes, mounts and links are gone, as after a reboot', async () => {
    const running = await create();
    const paused = await create();
    for (const sandbox of [running, paused]) await sandbox.files.write('note.txt', 'kept');
    await paused.pause();
    await engine.end('SIGKILL');
    await removeHostState({ instance: engine.instance, subnet: engine.subnet });
    expect(await engine.remains()).toEqual([]);
    await engine.launch();
    expect((await running.getInfo()).state).toBe('running');
    expect(await running.files.read('note.txt')).toBe('kept');
    expect((await paused.getInfo()).state).toBe('paused');
    expect(await (await connect(paused)).files.read('note.txt')).toBe('kept');
  });

  it('stops everything on SIGTERM and goes on from the disks', async () => {
    const sandbox = await create();
    const paused = await create();
    await sandbox.files.write('note.txt', 'kept');
    await sandbox.commands.run('trap "echo bye > /home/user/bye; exit" TERM; while true; do sleep 0.05; done', {
      background: true,
    });
    await paused.pause();
    await engine.end('SIGTERM');
    expect(await engine.remains()).toEqual([]);
    await engine.launch();
    expect((await sandbox.getInfo()).state).toBe('paused');
    const again = await connect(sandbox);
    expect(await again.files.read('note.txt')).toBe('kept');
    expect(await again.files.read('bye')).toBe('bye\n');
    expect((await (await connect(paused)).commands.run('echo back')).stdout).toBe('back\n');
  });

  it('starts a sandbox again whose first process ended', async () => {
    const sandbox = await create();
    await sandbox.files.write('note.txt', 'kept');
    const cgroups = createCgroups();
    const [init] = cgroups.processes(`/shmastra-${engine.instance}/${sandbox.sandboxId}`);
    signal(init ?? 0, 'SIGKILL');
    await expect
      .poll(() => sandbox.files.read('note.txt').catch(() => 'not yet'), { timeout: 10_000, interval: 100 })
      .toBe('kept');
  });

  it('sweeps what a create leaves that was cut short', async () => {
    const creating = Promise.allSettled([create(), create(), create()]);
    await expect
      .poll(async () => (await engine.remains()).some((line) => line.startsWith('mount')), {
        interval: 1,
        timeout: 20_000,
      })
      .toBe(true);
    await engine.end('SIGKILL');
    await creating;
    await engine.launch();
    const known = await Sandbox.list(engine.connection).nextItems();
    const folders = await readdir(path.join(engine.dataDir, 'sandboxes'));
    expect(folders.toSorted()).toEqual(known.map((item) => item.sandboxId).toSorted());
    // The runtime makes its folder with the first sandbox that it gets to.
    const containers = await readdir(path.join(engine.dataDir, 'runc')).catch(() => []);
    expect(containers).toHaveLength(known.length);
    await Promise.all(known.map((item) => Sandbox.kill(item.sandboxId, engine.connection)));
    const remains = async () =>
      (await engine.remains()).filter((line) => /^(mount|loop device|link|process)/.test(line));
    await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
  });

  it('ends by SIGTERM while sandboxes are being created', async () => {
    const creating = Promise.allSettled([create(), create(), create()]);
    await expect
      .poll(async () => (await engine.remains()).some((line) => line.startsWith('mount')), {
        interval: 1,
        timeout: 20_000,
      })
      .toBe(true);
    await engine.end('SIGTERM');
    await creating;
    expect(await engine.remains()).toEqual([]);
  });
});
