import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Sandbox, Template, waitForFile } from 'e2b';
import { afterEach, describe, expect, it } from 'vitest';
import { TestEngine } from '../testing/engine.ts';

const DEADLINE = { timeout: 30_000, interval: 20 };

describe('forks of a sandbox', () => {
  let engine: TestEngine;
  const begin = async (env: Record<string, string> = {}) => {
    engine = await TestEngine.start({ env: { ENGINE_WARM_POOL: '0', ...env } });
  };
  afterEach(() => engine.dispose());

  const create = (name = 'base', options: Parameters<typeof Sandbox.create>[1] = {}) =>
    Sandbox.create(name, { ...engine.connection, timeoutMs: 120_000, ...options });
  const post = (id: string, body: unknown) =>
    fetch(`${engine.url}/sandboxes/${id}/fork`, {
      method: 'POST',
      headers: { 'x-api-key': engine.connection.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const disk = (id: string) => path.join(engine.dataDir, 'sandboxes', id, 'disk.img');
  const folders = () => readdir(path.join(engine.dataDir, 'sandboxes'));
  const running = (forks: Awaited<ReturnType<Sandbox['fork']>>) =>
    forks.map((fork) => {
      if (!(fork instanceof Sandbox)) throw fork;
      return fork;
    });

  it('have every file of their source, run its start command and go ways of their own', async () => {
    await begin();
    const start = 'echo started >> /tmp/starts; while true; do date > /tmp/alive; sleep 0.2; done';
    await Template.build(
      Template().fromTemplate('base').setStartCmd(start, waitForFile('/tmp/alive')),
      'forked',
      engine.connection,
    );
    const source = await create('forked', {
      envs: { MINE: 'inherited' },
      metadata: { owner: 'me' },
      network: { allowPublicTraffic: false },
      allowInternetAccess: false,
    });
    await source.commands.run('head -c 30000000 /dev/urandom > big; ln big twin; ln -s big soft; sha256sum big > sum');
    await source.commands.run(
      'rm /etc/debian_version; setfattr -n user.mark -v yes big || true; sudo touch /etc/rooted',
      {
        user: 'root',
      },
    );
    const forks = running(await source.fork({ count: 2, timeoutMs: 90_000 }));
    for (const fork of forks) {
      expect((await fork.commands.run('sha256sum -c sum && readlink soft && echo $MINE $E2B_SANDBOX_ID')).stdout).toBe(
        `big: OK\nbig\ninherited ${fork.sandboxId}\n`,
      );
      expect((await fork.commands.run('stat -c %h big; stat -c %U /etc/rooted; hostname')).stdout).toBe(
        `2\nroot\n${fork.sandboxId}\n`,
      );
      expect(await fork.files.exists('/etc/debian_version')).toBe(false);
      await expect.poll(async () => (await fork.files.read('/tmp/starts')).split('\n').length, DEADLINE).toBe(4);
      const info = await fork.getInfo();
      expect(info).toMatchObject({ state: 'running', metadata: { owner: 'me' }, name: 'forked' });
      expect(info.endAt.getTime() - info.startedAt.getTime()).toBeGreaterThanOrEqual(90_000);
      expect(fork.trafficAccessToken).not.toBe(source.trafficAccessToken);
      // Only what is used was copied.
      expect((await stat(disk(fork.sandboxId))).blocks * 512).toBeLessThan(200_000_000);
    }
    await forks[0]?.files.write('own.txt', 'one');
    expect(await forks[1]?.files.exists('own.txt')).toBe(false);
    expect(await source.files.exists('own.txt')).toBe(false);
    await source.kill();
    expect(await forks[0]?.files.read('own.txt')).toBe('one');
  });

  it('are whole while their source goes on writing', async () => {
    await begin();
    const source = await create();
    // Each line is on the disk before the next one is written.
    await source.commands.run('cp /bin/ls ls0');
    await source.commands.run(
      'i=0; while true; do echo $i >> log; sync log; cp ls0 "ls$((i % 50 + 1))"; i=$((i+1)); done',
      {
        background: true,
      },
    );
    await expect
      .poll(async () => Number((await source.commands.run('wc -l < log')).stdout), DEADLINE)
      .toBeGreaterThan(20);
    const [fork] = running(await source.fork());
    const check =
      'n=$(wc -l < log); seq 0 $((n-1)) | cmp - log && for f in ls*; do [ -s $f ] || echo torn $f; done; echo $n';
    const lines = Number((await fork?.commands.run(check))?.stdout);
    expect(lines).toBeGreaterThan(20);
    // The source was let go again.
    const now = async () => Number((await source.commands.run('wc -l < log')).stdout);
    const before = await now();
    await expect.poll(now, DEADLINE).toBeGreaterThan(before);
    expect(before).toBeGreaterThanOrEqual(lines);
  });

  it('are refused as E2B does', async () => {
    await begin({ ENGINE_MAX_RUNNING: '3' });
    const source = await create();
    const answer = async (id: string, body: unknown) => {
      const response = await post(id, body);
      return [response.status, ((await response.json()) as { message: string }).message];
    };
    expect(await answer(source.sandboxId, { count: 0 })).toEqual([400, 'Count must be at least 1']);
    expect(await answer(source.sandboxId, { count: 101 })).toEqual([400, 'Count cannot be greater than 100']);
    expect(await answer(source.sandboxId, { count: 3 })).toEqual([400, expect.stringContaining('concurrent')]);
    expect(await answer(source.sandboxId, { timeout: -1 })).toEqual([400, expect.any(String)]);
    expect(await answer('nosuchsandbox', {})).toEqual([404, expect.any(String)]);
    await source.pause();
    expect(await answer(source.sandboxId, {})).toEqual([
      409,
      expect.stringContaining('is paused and cannot be forked'),
    ]);
    await source.connect();
    const both = await Promise.all([post(source.sandboxId, {}), post(source.sandboxId, {})]);
    expect(both.map((response) => response.status).toSorted()).toEqual([201, 409]);
  });

  it('fail one by one when the machine is full, and the call when there is room for none', async () => {
    await begin({ ENGINE_MAX_RUNNING: '3' });
    const source = await create();
    const other = await create();
    const results = (await (await post(source.sandboxId, { count: 2, timeout: 60 })).json()) as {
      sandbox?: { sandboxID: string };
      error?: { code: number };
    }[];
    expect(results.filter((result) => result.sandbox !== undefined)).toHaveLength(1);
    expect(results.find((result) => result.error !== undefined)?.error?.code).toBe(503);
    const full = await post(source.sandboxId, {});
    expect([full.status, Number(full.headers.get('retry-after')) > 0]).toEqual([503, true]);
    expect(await folders()).toHaveLength(3);
    expect((await source.commands.run('echo on')).stdout).toBe('on\n');
    await other.kill();
  });

  it('leave nothing when the engine is killed half-way, and their source goes on', async () => {
    await begin();
    const source = await create();
    await source.commands.run('head -c 400000000 /dev/urandom > big; sync big');
    for (const moment of ['copy', 'boot'] as const) {
      const forking = source.fork({ count: 3 }).catch(() => null);
      const reached = async () => {
        const names = (await folders()).filter((id) => id !== source.sandboxId);
        if (moment === 'copy') return names.length > 0;
        return (await engine.remains()).filter((line) => line.startsWith('mount:')).length > 2;
      };
      await expect.poll(reached, { timeout: 60_000, interval: 1 }).toBe(true);
      await engine.end('SIGKILL');
      await forking;
      await engine.launch();
      expect((await source.commands.run('wc -c < big')).stdout).toBe('400000000\n');
      expect((await source.commands.run('echo more > after; sync after; cat after')).stdout).toBe('more\n');
      const known = (await Sandbox.list(engine.connection).nextItems()).map((item) => item.sandboxId);
      expect((await folders()).toSorted()).toEqual(known.toSorted());
      for (const id of known) if (id !== source.sandboxId) await Sandbox.kill(id, engine.connection);
    }
    await source.kill();
    const remains = async () =>
      (await engine.remains()).filter((line) => /^(mount|loop device|link|process)/.test(line));
    await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
  });
});
