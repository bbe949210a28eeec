import { expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

/** A process that counts in memory: it shows whether the same one goes on. */
const COUNTER = `node=/.engine/node; $node -e '
  let count = 0;
  require("http").createServer((_, answer) => answer.end(String(++count))).listen(3000);
'`;

inEverySetting('pausing', ({ sdk, version, connection, create, urlOf }) => {
  const count = async (sandbox: Sandbox) => {
    const answer = await fetch(urlOf(sandbox, 3000));
    return answer.status === 200 ? Number(await answer.text()) : answer.status;
  };
  async function startCounter(sandbox: Sandbox): Promise<void> {
    await sandbox.commands.run(COUNTER, { background: true });
    await expect.poll(() => count(sandbox)).toBe(1);
  }
  const bootIdOf = (sandbox: Sandbox) => sandbox.files.read('/proc/sys/kernel/random/boot_id');
  const stateOf = async (sandbox: Sandbox) => (await sandbox.getInfo()).state;

  it('keeps processes, memory and files, and answers nothing meanwhile', async () => {
    const sandbox = await create();
    await startCounter(sandbox);
    await sandbox.files.write('note', 'kept');
    const bootId = await bootIdOf(sandbox);
    expect(await sandbox.pause()).toBe(true);
    expect(await stateOf(sandbox)).toBe('paused');
    expect(await sandbox.isRunning()).toBe(false);
    expect(await count(sandbox)).toBe(502);
    await expect(sandbox.commands.run('true')).rejects.toThrow(/Sandbox is probably not running/);
    expect(await sandbox.pause()).toBe(false);

    const resumed = await sdk.Sandbox.connect(sandbox.sandboxId, { ...connection, timeoutMs: 60_000 });
    expect(await count(resumed)).toBe(2);
    expect(await bootIdOf(resumed)).toBe(bootId);
    expect(await resumed.files.read('note')).toBe('kept');
    expect(await sandbox.isRunning()).toBe(true);
    expect((await sandbox.getInfo()).endAt.getTime() - Date.now()).toBeLessThanOrEqual(60_000);
  });

  it('resumes by the connect of the same object', async () => {
    const sandbox = await create();
    await sandbox.pause();
    await sandbox.connect();
    expect((await sandbox.commands.run('echo back')).stdout).toBe('back\n');
  });

  it('keeps files alone where memory is not wanted', async () => {
    const sandbox = await create();
    await startCounter(sandbox);
    await sandbox.files.write('note', 'kept');
    const bootId = await bootIdOf(sandbox);
    expect(await sandbox.pause({ keepMemory: false })).toBe(true);
    expect(await stateOf(sandbox)).toBe('paused');
    await sandbox.connect();
    expect(await sandbox.files.read('note')).toBe('kept');
    expect(await bootIdOf(sandbox)).not.toBe(bootId);
    expect(await count(sandbox)).toBe(502);
  });

  it.runIf(version === '2.51')('boots anew from its disk where the caller asks for it', async () => {
    const sandbox = await create();
    await startCounter(sandbox);
    await sandbox.files.write('note', 'kept');
    await sandbox.pause();
    await sandbox.connect({ onResume: 'reboot' });
    expect(await sandbox.files.read('note')).toBe('kept');
    expect(await count(sandbox)).toBe(502);
  });

  it('pauses when its time is over, where it was asked to', async () => {
    const sandbox = await create({ timeoutMs: 1000, lifecycle: { onTimeout: 'pause' } });
    await sandbox.files.write('note', 'kept');
    await expect.poll(() => stateOf(sandbox)).toBe('paused');
    expect((await sandbox.getInfo()).lifecycle).toEqual({ onTimeout: 'pause', autoResume: false });
    expect(await count(sandbox)).toBe(502);
    expect(await stateOf(sandbox)).toBe('paused');
    await sandbox.connect({ timeoutMs: 60_000 });
    expect(await sandbox.files.read('note')).toBe('kept');
  });

  it('wakes by a request to a port, where it was asked to, but not by a look at its health', async () => {
    const sandbox = await create({ lifecycle: { onTimeout: 'pause', autoResume: true } });
    await startCounter(sandbox);
    await sandbox.pause();
    expect(await sandbox.isRunning()).toBe(false);
    expect(await stateOf(sandbox)).toBe('paused');
    expect(await count(sandbox)).toBe(2);
    expect(await stateOf(sandbox)).toBe('running');
    await sandbox.pause();
    expect((await sandbox.commands.run('echo woken')).stdout).toBe('woken\n');
  });

  it('can be killed while it is paused', async () => {
    const sandbox = await create();
    await sandbox.pause();
    expect(await sandbox.kill()).toBe(true);
    await expect(sdk.Sandbox.connect(sandbox.sandboxId, connection)).rejects.toThrow(sdk.SandboxNotFoundError);
    await expect(sandbox.pause()).rejects.toThrow(sdk.SandboxNotFoundError);
  });

  it('settles for many who pause at once', async () => {
    const sandbox = await create();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => sandbox.pause()));
    expect(outcomes[0]).toBe(true);
    expect(await stateOf(sandbox)).toBe('paused');
    expect(await sandbox.pause()).toBe(false);
  });

  it('lets many connect to a paused one at once', async () => {
    const sandbox = await create();
    await sandbox.pause();
    const connected = await Promise.all(
      Array.from({ length: 5 }, () => sdk.Sandbox.connect(sandbox.sandboxId, connection)),
    );
    const outputs = await Promise.all(connected.map((one) => one.commands.run('echo ok')));
    expect(outputs.map(({ stdout }) => stdout)).toEqual(Array(5).fill('ok\n'));
  });
});
