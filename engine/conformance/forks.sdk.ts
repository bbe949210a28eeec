import { expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inCrossedSettings } from './support/settings.ts';

inCrossedSettings('forks', ({ sdk, connection, create }) => {
  function sandboxesOf(results: (Sandbox | Error)[]): Sandbox[] {
    for (const result of results) if (result instanceof Error) throw result;
    return results.filter((result): result is Sandbox => !(result instanceof Error));
  }

  it('begin with the files of the source and go ways of their own', async () => {
    const source = await create({ metadata: { of: 'source' } });
    await source.files.write('state', 'common');
    const forks = sandboxesOf(await source.fork({ count: 2, timeoutMs: 120_000 }));
    try {
      expect(new Set([source, ...forks].map(({ sandboxId }) => sandboxId)).size).toBe(3);
      await Promise.all([source, ...forks].map((one, index) => one.files.write('own', String(index))));
      for (const [index, one] of [source, ...forks].entries()) {
        expect([await one.files.read('state'), await one.files.read('own')]).toEqual(['common', String(index)]);
      }
      const info = await forks[0]?.getInfo();
      expect(info).toMatchObject({ state: 'running', templateId: (await source.getInfo()).templateId });
      expect((info?.endAt.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(120_000);
    } finally {
      await Promise.all(forks.map((fork) => fork.kill()));
    }
  });

  it('are made by the id of the source too, one unless told otherwise', async () => {
    const source = await create();
    await source.commands.run('echo synced > file && sync');
    const forks = sandboxesOf(await sdk.Sandbox.fork(source.sandboxId, connection));
    expect(forks).toHaveLength(1);
    expect((await forks[0]?.commands.run('cat file'))?.stdout).toBe('synced\n');
    expect(await forks[0]?.kill()).toBe(true);
    expect(await source.isRunning()).toBe(true);
  });

  it('are refused of what does not run', async () => {
    const source = await create();
    await expect(source.fork({ count: 0 })).rejects.toThrow(/at least 1/);
    await source.pause();
    await expect(source.fork()).rejects.toThrow(/409/);
    await source.kill();
    await expect(source.fork()).rejects.toThrow(sdk.SandboxNotFoundError);
  });
});
