import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { RateLimitError, Sandbox } from 'e2b';
import { afterEach, describe, expect, it } from 'vitest';
import { TestEngine } from '../testing/engine.ts';

describe('a sandbox that cannot be created', () => {
  let engine: TestEngine | undefined;
  const start = async (env: Record<string, string>) => {
    engine = await TestEngine.start({ env });
    return engine;
  };
  afterEach(() => engine?.dispose());

  async function expectNothingLeft(running: TestEngine): Promise<void> {
    const remains = async () =>
      (await running.remains()).filter((line) => /^(mount|loop device|link|process)/.test(line));
    await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => readdir(path.join(running.dataDir, 'sandboxes')), { timeout: 20_000 }).toEqual([]);
    expect(await Sandbox.list(running.connection).nextItems()).toEqual([]);
  }

  it('is refused on a full disk', async () => {
    const running = await start({ ENGINE_MIN_FREE_MB: '999999' });
    await expect(Sandbox.create('base', running.connection)).rejects.toThrow(/Not enough disk space/);
    await expectNothingLeft(running);
  });

  it('is taken down again when the runtime fails half-way', async () => {
    const running = await start({ ENGINE_RUNTIME: '/bin/false' });
    await expect(Sandbox.create('base', running.connection)).rejects.toThrow(/^500: the OCI runtime could not create/);
    await expectNothingLeft(running);
  });

  it('is refused with 503 and Retry-After when the machine is full', async () => {
    const running = await start({ ENGINE_MAX_RUNNING: '1' });
    const first = await Sandbox.create('base', running.connection);
    const answer = await fetch(`${running.url}/v2/sandboxes`, {
      method: 'POST',
      headers: { 'x-api-key': running.connection.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ templateID: 'base' }),
    });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toEqual({ code: 503, message: expect.stringContaining('as it may') });
    await first.kill();
    await (await Sandbox.create('base', running.connection)).kill();
    await expectNothingLeft(running);
  });

  it('is refused with 429 when too many start at once', async () => {
    const running = await start({ ENGINE_START_CONCURRENCY: '1', ENGINE_START_QUEUE: '0' });
    const options = { ...running.connection, retry: false };
    const results = await Promise.allSettled([1, 2, 3].map(() => Sandbox.create('base', options)));
    const created = results.filter((result) => result.status === 'fulfilled');
    const refused = results.filter((result) => result.status === 'rejected');
    expect(created.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(RateLimitError);
    await Promise.all(created.map((result) => result.value.kill()));
    await expectNothingLeft(running);
  });

  it('is not started by an engine without a readable seccomp profile', async () => {
    await expect(start({ ENGINE_SECCOMP_PROFILE: '/nonexistent' })).rejects.toThrow(/seccomp/);
  });
});

describe('an engine that cannot start', () => {
  it('says that another one uses its data folder, and leaves that one alone', async () => {
    const engine = await TestEngine.start();
    const sandbox = await Sandbox.create('base', engine.connection);
    const env = { ENGINE_DATA_DIR: engine.dataDir, ENGINE_INSTANCE: engine.instance, ENGINE_SUBNET: engine.subnet };
    await expect(TestEngine.start({ env })).rejects.toThrow(/another engine/);
    expect((await sandbox.commands.run('echo alive')).stdout).toBe('alive\n');
    await engine.dispose();
  });

  it('says that its subnet is taken', async () => {
    const engine = await TestEngine.start();
    await expect(TestEngine.start({ env: { ENGINE_SUBNET: engine.subnet } })).rejects.toThrow(/in use on this host/);
    await engine.dispose();
  });
});
