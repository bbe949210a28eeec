import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Sandbox } from 'e2b';
import { afterEach, describe, expect, it } from 'vitest';
import { freeSubnet, TestEngine } from '../testing/engine.ts';

const FULL = {
  memory: { ENGINE_MIN_FREE_MEMORY_MB: '900000' },
  disk: { ENGINE_MIN_FREE_MB: '900000' },
  number: { ENGINE_MAX_RUNNING: '2' },
};

describe('an engine whose machine is full', () => {
  let engine: TestEngine;
  const begin = async (env: Record<string, string> = {}) => {
    engine = await TestEngine.start({ env: { ENGINE_WARM_POOL: '0', ...env } });
  };
  afterEach(() => engine.dispose());

  const call = (url: string, body: object = {}) =>
    fetch(`${engine.url}${url}`, {
      method: 'POST',
      headers: { 'x-api-key': engine.connection.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const create = () => Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 });

  async function expectRefusal(url: string, body?: object): Promise<string> {
    const known = await folders();
    const answer = await call(url, body);
    expect([url, answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([url, 503, true]);
    expect(await folders()).toEqual(known);
    const { code, message } = (await answer.json()) as { code: number; message: string };
    expect(code).toBe(503);
    return message;
  }
  const folders = async () => (await readdir(path.join(engine.dataDir, 'sandboxes'))).toSorted();

  async function three() {
    await begin();
    const [running, frozen, stopped] = [await create(), await create(), await create()];
    await frozen.pause();
    await stopped.pause({ keepMemory: false });
    return { running, frozen, stopped };
  }
  const relaunch = async (env: Record<string, string>) => {
    await engine.end('SIGKILL');
    // The frozen one must not give its place here.
    await engine.launch({ ...env, ENGINE_HIBERNATE_BELOW_MB: '0' });
  };

  it('of memory or places makes and wakes nothing, but goes on with what runs', async () => {
    const { running, frozen, stopped } = await three();
    for (const env of [FULL.memory, FULL.number]) {
      await relaunch(env);
      expect((await running.commands.run('echo on')).stdout).toBe('on\n');
      await frozen.connect();
      await expectRefusal('/v2/sandboxes', { templateID: 'base' });
      await expectRefusal(`/sandboxes/${stopped.sandboxId}/resume`);
      await expectRefusal(`/v2/sandboxes/${stopped.sandboxId}/connect`, { timeout: 60 });
      await expectRefusal(`/sandboxes/${running.sandboxId}/fork`);
      expect((await stopped.getInfo()).state).toBe('paused');
      await frozen.pause();
    }
    const remains = await engine.remains();
    expect(remains.filter((line) => line.startsWith('loop device'))).toHaveLength(2);
  });

  it('of files makes nothing new, but wakes what is there', async () => {
    const { running, stopped } = await three();
    await relaunch(FULL.disk);
    await expectRefusal('/sandboxes', { templateID: 'base' });
    await expectRefusal(`/sandboxes/${running.sandboxId}/snapshots`);
    await expectRefusal(`/sandboxes/${running.sandboxId}/fork`);
    expect((await running.commands.run('echo on')).stdout).toBe('on\n');
    expect((await call(`/sandboxes/${stopped.sandboxId}/resume`)).status).toBe(201);
  });

  it('has no address left for another one', async () => {
    await begin({ ENGINE_SUBNET: (await freeSubnet()).replace('/24', '/29') });
    const sandboxes = await Promise.all([1, 2, 3, 4, 5].map(create));
    expect(await expectRefusal('/sandboxes', { templateID: 'base' })).toContain('ENGINE_SUBNET');
    expect(await expectRefusal(`/sandboxes/${sandboxes[0]?.sandboxId}/fork`)).toContain('ENGINE_SUBNET');
    await sandboxes[1]?.kill();
    await (await create()).kill();
  });
});
