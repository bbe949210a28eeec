import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Sandbox, Template, waitForFile } from 'e2b';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCgroups } from '../runtime/cgroup.ts';
import { createWarmTemplate } from '../state/warm-template.ts';
import { TestEngine } from '../testing/engine.ts';

const DEADLINE = { timeout: 30_000, interval: 50 };
/** Says since when it runs, and that it goes on. */
const START = 'date +%s%N > /tmp/started; echo "$MINE" > /tmp/mine; while true; do date > /tmp/alive; sleep 0.2; done';

describe('spare sandboxes', () => {
  let engine: TestEngine;
  const create = (options: Parameters<typeof Sandbox.create>[1] = {}) =>
    Sandbox.create('warm', { ...engine.connection, timeoutMs: 120_000, ...options });
  const logged = async (text: string) => (await engine.log()).split(text).length - 1;
  /** Not a new engine: that has a spare of `base` by itself. */
  const usedBefore = (dataDir: string) =>
    createWarmTemplate(dataDir, 'warm-template.json').save({ name: 'gone', buildID: 'gone' });
  const begin = async (env: Record<string, string> = {}) => {
    engine = await TestEngine.start({
      env: { ENGINE_WARM_POOL: '1', ENGINE_WARM_SETTLE_SECONDS: '1', ...env },
      prepare: usedBefore,
    });
    const template = Template().fromTemplate('base').setStartCmd(START, waitForFile('/tmp/alive'));
    await Template.build(template, 'warm', engine.connection);
  };
  const spareLaunched = (times = 1) => expect.poll(() => logged('spare sandbox launched'), DEADLINE).toBe(times);
  const served = () => logged('"warm":true');
  const folders = () => readdir(path.join(engine.dataDir, 'sandboxes'));
  const listed = async () => (await Sandbox.list(engine.connection).nextItems()).map((item) => item.sandboxId);
  const spares = async () => {
    const known = await listed();
    return (await folders()).filter((id) => !known.includes(id));
  };

  afterEach(() => engine.dispose());

  describe('when they are on', () => {
    beforeEach(() => begin());

    it('serve the second create, with what it asked for', async () => {
      const first = await create();
      await spareLaunched();
      expect(await listed()).toEqual([first.sandboxId]);
      const [spare] = await spares();
      await expect(Sandbox.getInfo(spare ?? '', engine.connection)).rejects.toThrow(/not found/);
      await expect(Sandbox.connect(spare ?? '', engine.connection)).rejects.toThrow(/not found/);

      const [second, third] = await Promise.all([
        create({ envs: { MINE: 'yes' }, metadata: { owner: 'two' }, network: { allowPublicTraffic: false } }),
        create({ envs: { MINE: 'yes' } }),
      ]);
      expect(await served()).toBe(1);
      const warm = second.sandboxId === spare ? second : third;
      expect(warm.sandboxId).toBe(spare);
      const { stdout } = await warm.commands.run('echo $MINE $E2B_SANDBOX_ID; hostname; cat /tmp/started');
      const [line, hostname, started] = stdout.trim().split('\n');
      expect(line).toBe(`yes ${warm.sandboxId}`);
      expect(hostname).toBe(warm.sandboxId);
      const info = await warm.getInfo();
      expect(Number(started) / 1e6).toBeLessThan(info.startedAt.getTime());
      expect(info.endAt.getTime() - info.startedAt.getTime()).toBe(120_000);
      const before = await warm.files.read('/tmp/alive');
      await expect.poll(() => warm.files.read('/tmp/alive'), DEADLINE).not.toBe(before);
      expect((await second.getInfo()).metadata).toEqual({ owner: 'two' });
      expect(second.trafficAccessToken).toBeTypeOf('string');
      expect(third.trafficAccessToken).toBeUndefined();

      await warm.pause();
      const again = await Sandbox.connect(warm.sandboxId, engine.connection);
      expect((await again.commands.run('echo back')).stdout).toBe('back\n');
    });

    it('leave nothing after kill -9, and are there again for the first create after it', async () => {
      await create();
      await spareLaunched();
      const taken = await create();
      expect(await served()).toBe(1);
      await spareLaunched(2);
      const [spare] = await spares();
      await engine.end('SIGKILL');
      await engine.launch();
      expect(await folders()).not.toContain(spare);
      expect((await engine.remains()).filter((line) => line.includes(spare ?? ''))).toEqual([]);
      expect(await listed()).toHaveLength(2);
      expect((await taken.commands.run('echo alive')).stdout).toBe('alive\n');
      await spareLaunched(3);
      await create();
      expect(await served()).toBe(2);
    });

    it('leave nothing after a clean stop, frozen or being launched', async () => {
      const first = await create();
      await spareLaunched();
      await first.kill();
      const [spare] = await folders();
      const cgroup = `/shmastra-${engine.instance}/${spare}`;
      await expect.poll(() => createCgroups().isFrozen(cgroup), DEADLINE).toBe(true);
      await engine.end('SIGTERM');
      expect(await engine.remains()).toEqual([]);
      expect(await folders()).toEqual([]);
      await engine.launch();
      // Of a spare that is on its way a mount is the first thing to see.
      await expect
        .poll(async () => (await engine.remains()).some((line) => line.startsWith('mount')), {
          ...DEADLINE,
          interval: 1,
        })
        .toBe(true);
      await engine.end('SIGTERM');
      expect(await engine.remains()).toEqual([]);
      expect(await folders()).toEqual([]);
    });

    it('are there for a template without a start command too, frozen and soon, beside the others', async () => {
      await create();
      await spareLaunched();
      const [serving] = await spares();
      const first = await Sandbox.create('base', engine.connection);
      await spareLaunched(2);
      const [bare] = (await spares()).filter((id) => id !== serving);
      await expect.poll(() => createCgroups().isFrozen(`/shmastra-${engine.instance}/${bare}`), DEADLINE).toBe(true);
      const second = await Sandbox.create('base', { ...engine.connection, envs: { MINE: 'yes' } });
      expect(second.sandboxId).toBe(bare);
      expect((await second.commands.run('echo $MINE $E2B_SANDBOX_ID')).stdout).toBe(`yes ${bare}\n`);
      expect((await create()).sandboxId).toBe(serving);
      await first.kill();

      await spareLaunched(4);
      const left = await spares();
      await engine.end('SIGKILL');
      await engine.launch();
      expect((await engine.remains()).filter((line) => left.some((id) => line.includes(id)))).toEqual([]);
      // Of both kinds, as before.
      await spareLaunched(6);
    });

    it('are waited for by a create while they are launched', async () => {
      await Sandbox.create('base', engine.connection);
      const booting = async () => (await folders()).length === 2;
      await expect.poll(booting, { ...DEADLINE, interval: 1 }).toBe(true);
      const [spare] = await spares();
      const both = await Promise.all([1, 2].map(() => Sandbox.create('base', engine.connection)));
      expect(both.map(({ sandboxId }) => sandboxId)).toContain(spare);
      expect(await served()).toBe(1);
      for (const sandbox of both) expect((await sandbox.commands.run('echo alive')).stdout).toBe('alive\n');
    });

    it('go with their template', async () => {
      await (await create()).kill();
      await spareLaunched();
      const answer = await fetch(`${engine.url}/templates/warm`, {
        method: 'DELETE',
        headers: { 'x-api-key': engine.connection.apiKey },
      });
      expect(answer.ok).toBe(true);
      await expect.poll(folders, DEADLINE).toEqual([]);
    });
  });

  it('are there for the first create of a new engine', async () => {
    engine = await TestEngine.start({ env: { ENGINE_WARM_POOL: '1' } });
    await spareLaunched();
    const [spare] = await folders();
    expect((await Sandbox.create(engine.connection)).sandboxId).toBe(spare);
  });

  it('are launched no more when the pool is off', async () => {
    await begin({ ENGINE_WARM_POOL: '0' });
    await create();
    const second = await create({ envs: { MINE: 'yes' } });
    await expect.poll(() => second.files.read('/tmp/mine').catch(() => ''), DEADLINE).toBe('yes\n');
    expect([await served(), await logged('spare sandbox launched')]).toEqual([0, 0]);
    expect(await folders()).toHaveLength(2);
  });

  it('give up their place to a create', async () => {
    await begin({ ENGINE_MAX_RUNNING: '2' });
    const first = await create();
    await spareLaunched();
    // It cannot be a spare: that has internet access.
    const second = await create({ allowInternetAccess: false });
    expect(await served()).toBe(0);
    expect((await folders()).toSorted()).toEqual([first.sandboxId, second.sandboxId].toSorted());
    await expect(create()).rejects.toThrow(/as many sandboxes as it may/);
  });
});
