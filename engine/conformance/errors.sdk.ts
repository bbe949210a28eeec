import { expect, it } from 'vitest';
import { inCrossedSettings } from './support/settings.ts';

inCrossedSettings('errors', ({ sdk, connection, create }) => {
  it('are of the class that E2B has for them', async () => {
    const sandbox = await create();
    const id = 'idoesnotexist';
    const cases: [() => Promise<unknown>, new (...values: never[]) => Error][] = [
      [() => sdk.Sandbox.connect(id, connection), sdk.SandboxNotFoundError],
      [() => sdk.Sandbox.getInfo(id, connection), sdk.SandboxNotFoundError],
      [() => sdk.Sandbox.setTimeout(id, 1000, connection), sdk.SandboxNotFoundError],
      [() => sdk.Sandbox.pause(id, connection), sdk.SandboxNotFoundError],
      [() => sdk.Sandbox.list({ ...connection, apiKey: `e2b_${'a'.repeat(40)}` }).nextItems(), sdk.AuthenticationError],
      [() => sandbox.files.read('missing'), sdk.FileNotFoundError],
      [() => sandbox.files.getInfo('missing'), sdk.FileNotFoundError],
      [() => sandbox.files.read('x', { user: 'nobody-here' }), sdk.AuthenticationError],
      [() => sandbox.files.write('\0', ''), sdk.InvalidArgumentError],
      [() => sandbox.commands.connect(999_999), sdk.NotFoundError],
      [() => sandbox.commands.run('exit 1'), sdk.CommandExitError],
      [() => sandbox.commands.run('sleep 30', { timeoutMs: 100 }), sdk.TimeoutError],
    ];
    for (const [index, [call, expected]] of cases.entries()) {
      await expect(call(), `case ${index}`).rejects.toBeInstanceOf(expected);
    }
    expect(await sdk.Sandbox.kill(id, connection)).toBe(false);
  });

  it('name a full disk, and the sandbox goes on', async () => {
    const sandbox = await create();
    await sandbox.commands.run('fallocate -l $(($(stat -f -c "%a * %S" .) - 4000000)) filler');
    await expect(sandbox.files.write('more', new Blob([new Uint8Array(8_000_000)]))).rejects.toThrow(
      sdk.NotEnoughSpaceError,
    );
    await expect(sandbox.commands.run('head -c 8000000 /dev/zero > more')).rejects.toMatchObject({
      stderr: expect.stringContaining('No space left on device'),
    });
    await sandbox.files.remove('filler');
    expect(await sandbox.files.write('more', 'fits')).toMatchObject({ name: 'more' });
  });
});
