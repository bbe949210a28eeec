import { E2BSandbox } from '@mastra/e2b';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { inCrossedSettings } from './support/settings.ts';

// It brings a version of the SDK of its own: the version of the setting is only used to look from outside.
inCrossedSettings('@mastra/e2b', ({ sdk, version, transport, connection }) => {
  const started: E2BSandbox[] = [];
  beforeEach(() => {
    vi.stubEnv('E2B_API_KEY', connection.apiKey);
    vi.stubEnv('E2B_DOMAIN', connection.domain);
    vi.stubEnv('E2B_API_URL', connection.apiUrl);
    vi.stubEnv('E2B_SANDBOX_URL', connection.sandboxUrl);
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((sandbox) => sandbox._destroy()));
    vi.unstubAllEnvs();
  });
  async function start(options: ConstructorParameters<typeof E2BSandbox>[0]): Promise<E2BSandbox> {
    const sandbox = new E2BSandbox(options);
    started.push(sandbox);
    await sandbox._start();
    return sandbox;
  }

  it('runs commands and processes, writes files and names its ports', async () => {
    const sandbox = await start({ id: randomUUID(), template: 'base', env: { OF_SANDBOX: 'yes' } });
    expect(await sandbox.isReady()).toBe(true);
    const result = await sandbox.executeCommand?.('echo', ['$OF_SANDBOX', 'two words']);
    expect(result).toMatchObject({ success: true, exitCode: 0, stdout: '$OF_SANDBOX two words\n' });
    expect(await sandbox.executeCommand?.('exit 3')).toMatchObject({ success: false, exitCode: 3 });
    await sandbox.writeFiles([{ path: '/home/user/written.txt', content: 'by Mastra' }]);
    expect((await sandbox.executeCommand?.('cat written.txt; echo $OF_SANDBOX'))?.stdout).toBe('by Mastrayes\n');

    const handle = await sandbox.processes.spawn('cat');
    await handle.sendStdin('input\n');
    await expect.poll(() => handle.stdout).toBe('input\n');
    expect((await sandbox.processes.list()).map(({ pid }) => pid)).toContain(handle.pid);
    expect(await handle.kill()).toBe(true);
    const { sandboxId } = sandbox.e2b;
    expect(await sandbox.networking.getPortUrl(3000)).toBe(`https://3000-${sandboxId}.${connection.domain}`);
    expect(await sandbox.getInfo()).toMatchObject({ status: 'running' });
  });

  it('pauses, and finds its sandbox again by the id that it has for it', async () => {
    const id = randomUUID();
    const first = await start({ id, template: 'base' });
    await first.writeFiles([{ path: '/home/user/kept.txt', content: 'kept' }]);
    const { sandboxId } = first.e2b;
    await first._stop();
    expect((await sdk.Sandbox.getInfo(sandboxId, connection)).state).toBe('paused');
    const second = await start({ id, template: 'base' });
    expect(second.e2b.sandboxId).toBe(sandboxId);
    expect((await second.executeCommand?.('cat kept.txt'))?.stdout).toBe('kept');
  });

  it('takes another sandbox when its own is gone', async () => {
    const sandbox = await start({ id: randomUUID(), template: 'base' });
    const before = sandbox.e2b.sandboxId;
    await sdk.Sandbox.kill(before, connection);
    const handle = await sandbox.processes.spawn('echo again');
    expect((await handle.wait()).stdout).toBe('again\n');
    expect(sandbox.e2b.sandboxId).not.toBe(before);
  });

  it('builds a template of its own', async () => {
    const template = sdk.Template().fromTemplate('base').runCmd('echo mine > /home/user/whose');
    const sandbox = await start({ id: `own-${version.replace('.', '-')}-${transport}`, template });
    expect((await sandbox.executeCommand?.('cat whose'))?.stdout).toBe('mine\n');
  });

  it('builds its default template with its packages, once', async () => {
    const sandbox = await start({ id: randomUUID() });
    expect((await sandbox.executeCommand?.('command -v s3fs'))?.stdout).toBe('/usr/bin/s3fs\n');
    expect(await sdk.Template.exists('mastra-5e041282b68ff13a', connection)).toBe(true);
  });
});
