import { Sandbox } from 'e2b';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../runtime/wait.ts';
import { TestEngine } from '../testing/engine.ts';

let engine: TestEngine;
let sandbox: Sandbox;
beforeAll(async () => {
  engine = await TestEngine.start();
  sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 600_000 });
});
afterAll(() => engine.dispose());

const type = (pid: number, text: string) => sandbox.pty.sendInput(pid, new TextEncoder().encode(text));

/** A terminal and what it has shown so far. */
async function open(options: { user?: string; cols?: number } = {}) {
  let shown = '';
  const decoder = new TextDecoder();
  const terminal = await sandbox.pty.create({
    rows: 24,
    cols: options.cols ?? 80,
    onData: (data: Uint8Array) => void (shown += decoder.decode(data, { stream: true })),
    ...(options.user ? { user: options.user } : {}),
  });
  return {
    terminal,
    shown: () => shown,
    until: (text: string | RegExp) => waitUntil(async () => new RegExp(text).test(shown), 5000, 10),
  };
}

it('is a login shell of the user who was asked for, with his groups, home and terminal', async () => {
  await sandbox.commands.run('groupadd -f helpers && useradd -m -s /bin/bash -G helpers,users maker', { user: 'root' });
  const { terminal, shown } = await open({ user: 'maker' });
  await type(
    terminal.pid,
    'echo "$(id -Gn)|$PWD|$TERM|$(stat -c %U $(tty))|$(test -w $(tty) && echo own)|$-"; shopt login_shell; exit 3\n',
  );
  await expect(terminal.wait()).rejects.toMatchObject({ exitCode: 3 });
  expect(shown()).toMatch(/maker users helpers\|\/home\/maker\|xterm-256color\|maker\|own\|\w*i\w*/);
  expect(shown()).toMatch(/login_shell\s+on/);
});

it('has job control, signals from keys, sudo and its size', async () => {
  const { terminal, shown, until } = await open({ cols: 90 });
  await type(terminal.pid, 'stty size; sudo id -u; tty < /dev/tty; echo go\n');
  expect(await until(/24 90\r\n0\r\n\/dev\/tty\r\ngo/)).toBe(true);
  await sandbox.pty.resize(terminal.pid, { cols: 120, rows: 40 });
  await type(terminal.pid, 'stty size; sleep 500\n');
  expect(await until('40 120')).toBe(true);
  // Before it is in the foreground the key would be the shell's.
  const sleeps = async () => (await sandbox.commands.run('pgrep -xcf "sleep 500" || true')).stdout.trim();
  expect(await waitUntil(async () => (await sleeps()) === '1', 5000, 50)).toBe(true);
  await type(terminal.pid, '\u0003');
  await type(terminal.pid, 'echo "after $?"\n');
  expect(await until('after 130')).toBe(true);
  expect(shown()).not.toMatch(/no job control|cannot set terminal process group/);
  expect(await terminal.kill()).toBe(true);
  await expect(terminal.wait()).rejects.toMatchObject({ exitCode: -1 });
  expect(await sandbox.pty.kill(terminal.pid)).toBe(false);
});

it('goes on when its client leaves, and is listed', async () => {
  const { terminal } = await open();
  await terminal.disconnect();
  const listed = (await sandbox.commands.list()).find(({ pid }) => pid === terminal.pid);
  expect(listed).toMatchObject({ cmd: '/bin/bash', args: ['-i', '-l'] });
  let shown = '';
  const again = await sandbox.pty.connect(terminal.pid, {
    onData: (data: Uint8Array) => void (shown += Buffer.from(data).toString()),
  });
  await type(terminal.pid, 'echo $((40 + 2))\nexit\n');
  expect((await again.wait()).exitCode).toBe(0);
  expect(shown).toContain('42');
});

it('hangs up on what runs in it when it is killed', async () => {
  const { terminal, until } = await open();
  await type(terminal.pid, 'echo started; sleep 778\n');
  expect(await until('started\r\n')).toBe(true);
  const count = async () => (await sandbox.commands.run('pgrep -xcf "sleep 778" || true')).stdout.trim();
  expect(await waitUntil(async () => (await count()) === '1', 5000, 50)).toBe(true);
  await terminal.kill();
  await expect(terminal.wait()).rejects.toMatchObject({ exitCode: -1 });
  expect(await waitUntil(async () => (await count()) === '0', 5000, 50)).toBe(true);
});
