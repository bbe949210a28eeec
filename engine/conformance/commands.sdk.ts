import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

inEverySetting('commands', ({ sdk, create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create({ envs: { OF_SANDBOX: 'sandbox', BOTH: 'sandbox' } });
  });
  const run = async (command: string, options = {}) => (await sandbox.commands.run(command, options)).stdout;

  it('gives output, errors and the exit code apart', async () => {
    const result = await sandbox.commands.run('echo out; echo err >&2');
    expect(result).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  it('raises CommandExitError with everything in it', async () => {
    const failure: unknown = await sandbox.commands.run('echo out; echo err >&2; exit 7').catch((error) => error);
    expect(failure).toBeInstanceOf(sdk.CommandExitError);
    expect(failure).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: 'err\n', error: 'exit status 7' });
  });

  it('calls back with output while the command runs', async () => {
    const seen: string[] = [];
    await sandbox.commands.run('echo a; sleep 0.1; echo b >&2; sleep 0.1; echo c', {
      onStdout: (data) => void seen.push(`1${data}`),
      onStderr: (data) => void seen.push(`2${data}`),
    });
    expect(seen).toEqual(['1a\n', '2b\n', '1c\n']);
  });

  it('keeps special characters and Unicode that is cut anywhere', async () => {
    const text = `!@#$%^&*()_+ "quoted" \\ 日本語 🦊`.repeat(3);
    expect(await run(`cat <<'END'\n${text}\nEND`)).toBe(`${text}\n`);
    expect(await run(`for b in '\\xf0' '\\x9f' '\\xa6' '\\x8a'; do printf $b; sleep 0.05; done`)).toBe('🦊');
  });

  it('gives megabytes of output whole and in order', async () => {
    const output = await run('seq 1 600000');
    expect(output === Array.from({ length: 600_000 }, (_, index) => `${index + 1}\n`).join('')).toBe(true);
  });

  it('gives output without a line end at the end', async () => {
    expect(await run('printf abc')).toBe('abc');
    expect(await run('true')).toBe('');
  });

  it('runs as `user` in its home, or as whoever and wherever it is told', async () => {
    expect(await run('whoami; pwd; echo $HOME')).toBe('user\n/home/user\n/home/user\n');
    expect(await run('whoami; pwd; echo $HOME', { user: 'root' })).toBe('root\n/root\n/root\n');
    expect(await run('pwd', { cwd: '/tmp' })).toBe('/tmp\n');
    expect(await run('sudo -n whoami')).toBe('root\n');
    await expect(run('true', { user: 'nobody-of-that-name' })).rejects.toThrow(/user/);
    await expect(run('true', { cwd: '/no/such/folder' })).rejects.toThrow(sdk.InvalidArgumentError);
    await run('mkdir -m 700 /tmp/of-root', { user: 'root' });
    await expect(run('true', { cwd: '/tmp/of-root' })).rejects.toThrow(sdk.SandboxError);
  });

  it('sets the variables of the sandbox, and those of the call above them', async () => {
    const print = 'echo $OF_SANDBOX,$BOTH,$OF_CALL';
    expect(await run(print)).toBe('sandbox,sandbox,\n');
    expect(await run(print, { envs: { OF_CALL: 'call', BOTH: 'call' } })).toBe('sandbox,call,call\n');
    expect(await run(print)).toBe('sandbox,sandbox,\n');
  });

  it('runs in the background, lists it and kills it', async () => {
    const handle = await sandbox.commands.run('sleep 300', { background: true, envs: { MARK: 'listed' }, cwd: '/tmp' });
    const listed = (await sandbox.commands.list()).find(({ pid }) => pid === handle.pid);
    expect(listed).toMatchObject({ cmd: '/bin/bash', args: ['-l', '-c', 'sleep 300'], cwd: '/tmp' });
    expect(listed?.envs).toMatchObject({ MARK: 'listed' });
    expect(await handle.kill()).toBe(true);
    await expect(handle.wait()).rejects.toMatchObject({ exitCode: -1, error: 'signal: killed' });
    await expect.poll(async () => (await sandbox.commands.list()).map(({ pid }) => pid)).not.toContain(handle.pid);
    expect(await sandbox.commands.kill(handle.pid)).toBe(false);
  });

  it('ends a command at its own deadline', async () => {
    const started = performance.now();
    await expect(run('sleep 300', { timeoutMs: 500 })).rejects.toThrow(sdk.TimeoutError);
    expect(performance.now() - started).toBeLessThan(10_000);
    await expect.poll(() => run('pgrep -x sleep | wc -l')).toBe('0\n');
  });

  it('goes on when the client is gone, and can be connected to again', async () => {
    const first = await sandbox.commands.run(
      'echo first; while [ ! -e go ]; do sleep 0.05; done; echo second; exit 3',
      {
        background: true,
      },
    );
    await first.disconnect();
    const again = await sandbox.commands.connect(first.pid);
    await sandbox.files.write('go', '');
    await expect(again.wait()).rejects.toMatchObject({ exitCode: 3, stdout: expect.stringContaining('second\n') });
    await expect(sandbox.commands.connect(999_999)).rejects.toThrow(sdk.NotFoundError);
  });

  it('takes standard input, and its end', async () => {
    const handle = await sandbox.commands.run('cat', { background: true, stdin: true });
    await sandbox.commands.sendStdin(handle.pid, 'text ');
    await sandbox.commands.sendStdin(handle.pid, '日本語');
    await sandbox.commands.closeStdin(handle.pid);
    expect(await handle.wait()).toMatchObject({ exitCode: 0, stdout: 'text 日本語' });
    await expect(sandbox.commands.sendStdin(handle.pid, 'x')).rejects.toThrow(sdk.SandboxError);
    expect(await run('cat', { stdin: false })).toBe('');
  });

  it('runs many at once', async () => {
    const outputs = await Promise.all(Array.from({ length: 40 }, (_, index) => run(`echo ${index}`)));
    expect(outputs).toEqual(Array.from({ length: 40 }, (_, index) => `${index}\n`));
  });
});
