import { beforeAll, expect, it } from 'vitest';
import type { Sandbox } from './support/sdks.ts';
import { inEverySetting } from './support/settings.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

inEverySetting('terminals', ({ sdk, create }) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await create();
  });
  type Options = Partial<Parameters<Sandbox['pty']['create']>[0]>;
  async function open(options: Options = {}) {
    const decoder = new TextDecoder();
    const screen = { text: '' };
    const onData = (data: Uint8Array) => void (screen.text += decoder.decode(data, { stream: true }));
    const terminal = await sandbox.pty.create({ cols: 80, rows: 24, ...options, onData });
    const type = (text: string) => sandbox.pty.sendInput(terminal.pid, bytes(text));
    return { terminal, screen, type, onData };
  }

  it('run a login shell of the user on a terminal', async () => {
    const { terminal, screen, type } = await open({ envs: { ABC: '123' }, cwd: '/tmp' });
    await type('tty; echo "<$ABC $(whoami) $(pwd) $TERM>"\n');
    await expect.poll(() => screen.text).toMatch(/\/dev\/pts\/\d+/);
    await expect.poll(() => screen.text).toContain('<123 user /tmp xterm');
    await type('exit 3\n');
    await expect(terminal.wait()).rejects.toMatchObject({ exitCode: 3 });
  });

  it('have the size that they are given, and another one later', async () => {
    const { terminal, screen, type } = await open({ cols: 91, rows: 17 });
    await type('stty size\n');
    await expect.poll(() => screen.text).toContain('17 91');
    await sandbox.pty.resize(terminal.pid, { cols: 120, rows: 40 });
    await type('stty size\n');
    await expect.poll(() => screen.text).toContain('40 120');
    expect(await terminal.kill()).toBe(true);
  });

  it('take control characters', async () => {
    const { terminal, screen, type } = await open();
    await type('echo go; cat\n');
    // From here on the terminal echoes, and no longer the shell.
    await expect.poll(() => screen.text).toMatch(/[\r\n]go\r?\n/);
    await type('echoed ünïcode\n');
    await expect.poll(() => screen.text.match(/echoed ünïcode/g)?.length).toBe(2);
    await type('\u0003');
    // The shell drops what is typed before its next prompt.
    await expect.poll(() => screen.text).toMatch(/\^C[^]*\$ $/);
    await type('echo still $((40 + 2))\n');
    await expect.poll(() => screen.text).toContain('still 42');
    await type('\u0004');
    await terminal.wait().catch(() => {});
    expect(terminal.exitCode).toBeDefined();
  });

  it('go on without a client and can be connected to again', async () => {
    const { terminal, screen, type, onData } = await open();
    await type('KEPT=kept\n');
    await terminal.disconnect();
    screen.text = '';
    const again = await sandbox.pty.connect(terminal.pid, { onData });
    expect(again.pid).toBe(terminal.pid);
    await type('echo "<$KEPT>"; exit\n');
    expect((await again.wait()).exitCode).toBe(0);
    expect(screen.text).toContain('<kept>');
  });

  it('are killed, and then are no more', async () => {
    const { terminal } = await open();
    expect(await sandbox.pty.kill(terminal.pid)).toBe(true);
    await expect(terminal.wait()).rejects.toThrow(sdk.CommandExitError);
    await expect.poll(() => sandbox.pty.kill(terminal.pid)).toBe(false);
    expect((await sandbox.commands.list()).map(({ pid }) => pid)).not.toContain(terminal.pid);
    await expect(sandbox.pty.connect(999_999)).rejects.toThrow(sdk.NotFoundError);
    await expect(sandbox.pty.sendInput(999_999, bytes('x'))).rejects.toThrow(sdk.SandboxError);
  });

  it('run as the user who is named', async () => {
    const { terminal, screen, type } = await open({ user: 'root' });
    await type('echo "<$(whoami) $HOME>"\n');
    await expect.poll(() => screen.text).toContain('<root /root>');
    await terminal.kill();
  });
});
