import type { Sandbox } from 'e2b';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from './support/product.ts';
import { sandboxOf } from './support/inside.ts';
import { openScene, type Scene } from './support/scene.ts';

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

describe('a paused sandbox', () => {
  let scene: Scene;
  let sandbox: Sandbox;
  beforeAll(async () => {
    scene = await openScene('sleeper');
    sandbox = await scene.inside.connect(scene.sandboxId);
  });

  const state = async () => (await scene.inside.states()).get(scene.sandboxId);
  const agents = () => scene.person.call('/api/mastra/api/agents', { headers: { 'sec-fetch-mode': 'cors' } });
  const activity = () => scene.person.call('/api/activity', { method: 'POST' });

  it('is not woken by a background request, which is told when to come back', async () => {
    await sandbox.pause();
    const answer = await agents();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
    expect(await state()).toBe('paused');
    await waitFor(
      async () => ((await sandboxOf(scene.inside, scene.person.email))?.status === 'paused' ? true : undefined),
      10_000,
      'status paused',
    );
    expect((await activity()).ok).toBe(true);
    expect(await state()).toBe('running');
  });

  it('answers within 150 ms (median of 20) of a sign of life, its files and processes as they were', async () => {
    await sandbox.files.write('/home/user/kept.txt', 'as it was');
    const counter = await sandbox.commands.run(
      'i=0; while true; do i=$((i+1)); echo $i > /tmp/next && mv /tmp/next /home/user/counter; sleep 0.01; done',
      { background: true, timeoutMs: 0 },
    );
    const counted = async () => Number(await sandbox.files.read('/home/user/counter'));
    await waitFor(async () => (await sandbox.files.exists('/home/user/counter')) || undefined, 5000, 'the counter');
    const times: number[] = [];
    const awake: number[] = [];
    const answer = async (): Promise<number> => {
      const started = performance.now();
      expect((await activity()).ok).toBe(true);
      expect((await agents()).status).toBe(200);
      return performance.now() - started;
    };
    for (let round = 0; round < 20; round++) {
      const before = await counted();
      await sandbox.pause();
      expect(await state()).toBe('paused');
      times.push(await answer());
      awake.push(await answer());
      expect(await counted()).toBeGreaterThanOrEqual(before);
    }
    const [paused, plain] = [median(times), median(awake)].map((ms) => Math.round(ms * 10) / 10);
    console.log(`paused to answer: median ${paused} ms, worst ${Math.max(...times).toFixed(1)} ms; awake ${plain} ms`);
    expect(median(times)).toBeLessThanOrEqual(150);
    const at = await counted();
    await waitFor(async () => ((await counted()) > at ? true : undefined), 5000, 'the counter going on');
    expect(await sandbox.files.read('/home/user/kept.txt')).toBe('as it was');
    const { stdout } = await sandbox.commands.run(`ps -o pid= -p ${counter.pid}`);
    expect(Number(stdout)).toBe(counter.pid);
    await counter.kill();
  });
});
