import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

const secondsLeft = (endAt: Date) => (endAt.getTime() - Date.now()) / 1000;

inEverySetting('sandboxes', ({ sdk, version, connection, create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create({ metadata: { purpose: 'shared', 'odd key': 'a=b&c ü' } });
  });

  it('creates one that answers at once', async () => {
    expect(sandbox.sandboxId).toMatch(/^[a-z0-9]+$/);
    expect(await sandbox.isRunning()).toBe(true);
    expect((await sandbox.commands.run('echo up')).stdout).toBe('up\n');
  });

  it('tells what it is', async () => {
    const info = await sandbox.getInfo();
    expect(info).toMatchObject({
      sandboxId: sandbox.sandboxId,
      name: 'base',
      state: 'running',
      metadata: { purpose: 'shared', 'odd key': 'a=b&c ü' },
      envdVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      lifecycle: { onTimeout: 'kill', autoResume: false },
      allowInternetAccess: true,
    });
    expect(info.cpuCount).toBeGreaterThan(0);
    expect(info.memoryMB).toBeGreaterThan(0);
    expect(Math.abs(info.startedAt.getTime() - Date.now())).toBeLessThan(300_000);
    expect(await sdk.Sandbox.getInfo(sandbox.sandboxId, connection)).toEqual(info);
  });

  it('lives for five minutes unless told otherwise', async () => {
    const short = await sdk.Sandbox.create('base', { ...connection, timeoutMs: undefined });
    expect(secondsLeft((await short.getInfo()).endAt)).toBeGreaterThan(280);
    expect(secondsLeft((await short.getInfo()).endAt)).toBeLessThanOrEqual(300);
    expect(await short.kill()).toBe(true);
  });

  it('lives longer or shorter by setTimeout, and only longer by connect', async () => {
    const one = await create({ timeoutMs: 100_000 });
    await one.setTimeout(500_000);
    expect(secondsLeft((await one.getInfo()).endAt)).toBeGreaterThan(490);
    await sdk.Sandbox.setTimeout(one.sandboxId, 60_000, connection);
    expect(secondsLeft((await one.getInfo()).endAt)).toBeLessThanOrEqual(60);
    const again = await sdk.Sandbox.connect(one.sandboxId, { ...connection, timeoutMs: 200_000 });
    expect(again.sandboxId).toBe(one.sandboxId);
    expect(secondsLeft((await one.getInfo()).endAt)).toBeGreaterThan(190);
    await one.connect({ timeoutMs: 10_000 });
    expect(secondsLeft((await one.getInfo()).endAt)).toBeGreaterThan(190);
    expect((await again.commands.run('echo $((6 * 7))')).stdout).toBe('42\n');
  });

  it('is gone when its time is over', async () => {
    const brief = await create({ timeoutMs: 1000 });
    await expect.poll(() => brief.isRunning()).toBe(false);
    await expect(brief.getInfo()).rejects.toThrow(sdk.SandboxNotFoundError);
    await expect(brief.commands.run('true')).rejects.toThrow(/Sandbox is probably not running/);
    expect(await brief.kill()).toBe(false);
  });

  it('is killed once', async () => {
    const one = await create();
    expect(await one.kill()).toBe(true);
    expect(await one.kill()).toBe(false);
    expect(await sdk.Sandbox.kill(one.sandboxId, connection)).toBe(false);
    expect(await one.isRunning()).toBe(false);
    await expect(one.setTimeout(10_000)).rejects.toThrow(sdk.SandboxNotFoundError);
    await expect(sdk.Sandbox.connect(one.sandboxId, connection)).rejects.toThrow(sdk.SandboxNotFoundError);
  });

  it('ends a command that runs when it is killed, and says so', async () => {
    const one = await create();
    const handle = await one.commands.run('sleep 300', { background: true });
    const ended = handle.wait().catch((error: unknown) => error);
    await one.kill();
    expect(await ended).toBeInstanceOf(sdk.SandboxError);
  });

  it('hands over its variables and keeps sandboxes apart', async () => {
    const [first, second] = await Promise.all([
      create({ envs: { WHO: 'first' } }),
      create({ envs: { WHO: 'second' } }),
    ]);
    await first.files.write('mine', 'first');
    expect((await first.commands.run('echo $WHO')).stdout).toBe('first\n');
    expect((await second.commands.run('echo $WHO; ls')).stdout).toBe('second\n');
  });

  it('refuses a template that is not there, a key that is none, and a time to live that is none', async () => {
    await expect(create({ template: 'no-such-template' })).rejects.toThrow(
      /404: template 'no-such-template' not found/,
    );
    const apiKey = `e2b_${'0'.repeat(40)}`;
    await expect(sdk.Sandbox.create('base', { ...connection, apiKey })).rejects.toThrow(sdk.AuthenticationError);
    await expect(create({ timeoutMs: 0 })).rejects.toThrow(/400: .*greater than 0/);
    await expect(create({ timeoutMs: 48 * 3_600_000 })).rejects.toThrow(/400/);
  });

  it('asks for the token of the sandbox in calls to it', async () => {
    const forged = new sdk.Sandbox({
      ...connection,
      sandboxId: sandbox.sandboxId,
      envdVersion: '0.6.13',
      envdAccessToken: 'forged',
    });
    await expect(forged.commands.run('true')).rejects.toThrow(sdk.AuthenticationError);
    await expect(forged.files.read('/etc/hostname')).rejects.toThrow(sdk.AuthenticationError);
  });

  it.runIf(version === '2.51')('works through a client with options of its own', async () => {
    const client = new sdk.E2B(connection);
    const one = await client.Sandbox.create('base');
    expect((await client.Sandbox.getInfo(one.sandboxId)).state).toBe('running');
    expect(await client.Sandbox.kill(one.sandboxId)).toBe(true);
  });
});
