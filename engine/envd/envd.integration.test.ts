import { setTimeout } from 'node:timers/promises';
import { CommandExitError, Sandbox, TimeoutError } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../runtime/wait.ts';
import { TestEngine } from '../testing/engine.ts';

let engine: TestEngine;
let sandbox: Sandbox;
beforeAll(async () => {
  engine = await TestEngine.start();
  sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 600_000 });
});
afterAll(() => engine.dispose());

const run = async (cmd: string, user?: string) => (await sandbox.commands.run(cmd, user ? { user } : {})).stdout.trim();

describe('commands', () => {
  it('run as the user who was asked for, with his groups, home and sudo', async () => {
    expect(await run('id -un; pwd; echo $HOME $SHELL')).toBe('user\n/home/user\n/home/user /bin/bash');
    expect(await run('id -un; pwd', 'root')).toBe('root\n/root');
    expect(await run('sudo id -u')).toBe('0');
    await run('groupadd -f helpers && useradd -m -G helpers,users maker', 'root');
    expect(await run('id -Gn', 'maker')).toBe('maker users helpers');
    await expect(run('true', 'nobody-here')).rejects.toThrow(/invalid username: 'nobody-here'/);
  });

  it('have nothing of root’s rights, beside commands of root’s', async () => {
    const ids = `awk '/^(Uid|Gid|Groups|Cap(Prm|Eff)):/ { print $2 "/" $3 "/" $4 }' /proc/self/status`;
    const users = ['user', 'root', 'user', 'root', 'user', 'user', 'root', 'user'];
    const found = await Promise.all(users.map((user) => run(ids, user)));
    const none = '0000000000000000//';
    const ofUser = ['1000/1000/1000', '1000/1000/1000', '//', none, none].join('\n');
    expect(found.filter((_, index) => users[index] === 'user')).toEqual(Array(5).fill(ofUser));
    const ofRoot = expect.stringMatching(/^0\/0\/0\n0\/0\/0\n.*\n0*[1-9a-f]/);
    expect(found.filter((_, index) => users[index] === 'root')).toEqual(Array(3).fill(ofRoot));
    // All threads of envd are root's again.
    const threads = 'cat /proc/1/task/*/status | grep -E "^(Uid|Gid)" | sort -u';
    expect(await run(threads, 'root')).toBe('Gid:\t0\t0\t0\t0\nUid:\t0\t0\t0\t0');
  });

  it('cannot make envd open its inspector, whenever they signal it', async () => {
    // Node answers SIGUSR1 so, and in the inspector root's code could be run.
    const attack = `const [pid, until] = [Number(process.argv[1]), Date.now() + 2500]; let tried = 0;
      while (Date.now() < until) { tried++; try { process.kill(pid, 'SIGUSR1') } catch {} }
      console.log(tried > 1000)`;
    const attacker = run(`/.engine/node -e "${attack}" 1`);
    const until = performance.now() + 2000;
    while (performance.now() < until) {
      await Promise.all(Array.from({ length: 4 }, () => sandbox.files.list('/home/user')));
      await run('true');
    }
    expect(await attacker).toBe('true');
    expect(await run(`ss -Hltn 'sport = :9229'`)).toBe('');
  });

  it('cannot signal envd while it only looks at files for their user', async () => {
    const attack = `const [pid, until] = [Number(process.argv[1]), Date.now() + 1500]; let got = 0, tried = 0;
      while (Date.now() < until) { tried++; try { process.kill(pid, 0); got++ } catch {} }
      console.log('got', got, tried > 1000)`;
    const attacker = run(`/.engine/node -e "${attack}" 1`);
    const until = performance.now() + 1200;
    while (performance.now() < until) await sandbox.files.list('/home/user');
    expect(await attacker).toBe('got 0 true');
  });

  it('can signal all they may without ending the sandbox, whatever starts meanwhile', async () => {
    for (let round = 0; round < 15; round++) {
      const started = Array.from({ length: 3 }, () => run('true').catch(() => 'killed'));
      // It takes itself along, too.
      const signals = ['kill -9 -1', 'pkill -9 -U user', 'pkill -f node'][round % 3] ?? '';
      await Promise.all([...started, run(signals).catch(() => 'killed')]);
    }
    expect(await run('echo goes on')).toBe('goes on');
  });

  it('leave no zombies, whosever children they were', async () => {
    await run('for n in 1 2 3; do (setsid sleep 0.1 &) ; done; sleep 0.5');
    expect(await run(`ps -eo stat= | grep -c ^Z || true`)).toBe('0');
  });

  it('begin with no signal blocked or ignored', async () => {
    const masks = await run(`awk '/^Sig(Blk|Ign):/ { print $2 }' /proc/self/status`);
    // 32 and 33 are the C library's own.
    const usual = masks.split('\n').map((mask) => Number.parseInt(mask, 16) % 2 ** 31);
    expect(usual).toEqual([0, 0]);
  });

  it('do not know the token, and cannot use envd without it', async () => {
    expect(await run('env')).not.toContain('TOKEN');
    expect(
      await run('curl -s -o /dev/null -w "%{http_code}" -X POST http://localhost:49983/process.Process/List'),
    ).toBe('401');
    await expect(run('cat /proc/1/environ')).rejects.toThrow(/exit status 1/);
  });

  it('fail with their exit code and end at their deadline', async () => {
    await expect(sandbox.commands.run('echo out; exit 3')).rejects.toMatchObject({ exitCode: 3, stdout: 'out\n' });
    await expect(sandbox.commands.run('exit 3')).rejects.toBeInstanceOf(CommandExitError);
    await expect(sandbox.commands.run('sleep 600', { timeoutMs: 500 })).rejects.toBeInstanceOf(TimeoutError);
    expect(await waitUntil(async () => (await run('pgrep -xc sleep || true')) === '0', 5000, 20)).toBe(true);
  });

  it('can be left, found again, fed and killed', async () => {
    const handle = await sandbox.commands.run('cat', { background: true, stdin: true });
    await handle.disconnect();
    expect((await sandbox.commands.list()).map(({ pid }) => pid)).toContain(handle.pid);
    const again = await sandbox.commands.connect(handle.pid);
    await sandbox.commands.sendStdin(handle.pid, 'hello\n');
    await sandbox.commands.closeStdin(handle.pid);
    expect((await again.wait()).stdout).toBe('hello\n');
    const sleeper = await sandbox.commands.run('sleep 600', { background: true });
    expect(await sleeper.kill()).toBe(true);
    await expect(sleeper.wait()).rejects.toMatchObject({ exitCode: -1, error: 'signal: killed' });
    expect(await sandbox.commands.kill(sleeper.pid)).toBe(false);
  });

  it('do not lose the time in which the sandbox is paused', async () => {
    const work = 'for i in $(seq 20); do sleep 0.1; done';
    const handle = await sandbox.commands.run(work, { background: true, timeoutMs: 4000 });
    await handle.disconnect();
    await sandbox.pause();
    // Longer than the command's deadline.
    await setTimeout(4500);
    sandbox = await Sandbox.connect(sandbox.sandboxId, { ...engine.connection, timeoutMs: 600_000 });
    const again = await sandbox.commands.connect(handle.pid);
    expect(await again.wait()).toMatchObject({ exitCode: 0 });
  });
});

describe('files', () => {
  it('belong to the user, with the folders on the way', async () => {
    await sandbox.files.write('deep/er/file.txt', 'text');
    expect(await run('stat -c %U deep deep/er deep/er/file.txt')).toBe('user\nuser\nuser');
    expect(await sandbox.files.read('deep/er/file.txt')).toBe('text');
    await sandbox.files.write('/etc/secret', 'key', { user: 'root' });
    expect(await run('stat -c %U /etc/secret')).toBe('root');
  });

  it('are made, read and removed everywhere, for the user', async () => {
    await sandbox.files.write('/srv/app/file.txt', 'text', { metadata: { made: 'by-test' } });
    expect(await run('stat -c %U:%G:%a /srv/app /srv/app/file.txt')).toBe('user:user:755\nuser:user:644');
    expect(await sandbox.files.getInfo('/srv/app/file.txt')).toMatchObject({ metadata: { made: 'by-test' } });
    await sandbox.files.makeDir('/made/here');
    expect(await run('stat -c %U /made /made/here')).toBe('user\nuser');
    expect(await sandbox.files.read('/etc/secret')).toBe('key');
    await sandbox.files.rename('/srv/app', '/opt/app');
    await sandbox.files.remove('/opt/app');
    await sandbox.files.remove('/made');
    expect(await run('ls -d /srv/app /opt/app /made || true')).toBe('');
  });

  it('are reached over no link that the user planted with more than his rights', async () => {
    await run('chmod 600 /etc/secret', 'root');
    await run('ln -sf /etc/secret planted; ln -sfn /root planted-folder');
    await expect(sandbox.files.read('planted')).rejects.toThrow(/not accessible/);
    await expect(sandbox.files.write('planted', 'x')).rejects.toThrow(/not accessible/);
    await expect(sandbox.files.list('planted-folder')).rejects.toThrow(/not accessible/);
    await expect(sandbox.files.write('planted-folder/x', 'x')).rejects.toThrow(/not accessible/);
    await expect(sandbox.files.remove('planted-folder/.bashrc')).rejects.toThrow(/not accessible/);
    expect(await sandbox.files.read('/home/user/planted', { user: 'root' })).toBe('key');
  });

  it('move and go, folders of the image too', async () => {
    await run('chown -R user /usr/share/doc && chown user /usr/share', 'root');
    await sandbox.files.rename('/usr/share/doc', '/usr/share/moved');
    expect(await sandbox.files.exists('/usr/share/doc')).toBe(false);
    expect((await sandbox.files.list('/usr/share/moved')).length).toBeGreaterThan(50);
    await sandbox.files.remove('/usr/share/moved');
    expect(await sandbox.files.exists('/usr/share/moved')).toBe(false);
  });

  it('that do not fit give 507 and leave nothing', async () => {
    await run('fallocate -l $(($(df --output=avail -B1 / | tail -1) - 20000000)) filler || true');
    const body = new Blob([new Uint8Array(40_000_000)]);
    await expect(sandbox.files.write('too-big', body)).rejects.toMatchObject({ name: 'NotEnoughSpaceError' });
    await expect(sandbox.files.write('too-big', body, { useOctetStream: true })).rejects.toMatchObject({
      name: 'NotEnoughSpaceError',
    });
    expect(await sandbox.files.exists('too-big')).toBe(false);
    await run('rm filler');
  });

  it('are bound to signed URLs', async () => {
    await sandbox.files.write('signed.txt', 'content');
    const url = await sandbox.downloadUrl('signed.txt', { useSignatureExpiration: 60 });
    expect(await (await fetch(url)).text()).toBe('content');
    expect((await fetch(url.replace('signed.txt', 'deep%2Fer%2Ffile.txt'))).status).not.toBe(200);
  });
});

describe('its memory', () => {
  let fresh: Sandbox;
  beforeAll(async () => {
    fresh = await Sandbox.create('base', engine.connection);
  });
  const rss = async () => {
    const status = await fresh.commands.run('cat /proc/$(pgrep -f "^/.engine/node")/status', { user: 'root' });
    return Number(/VmRSS:\s+(\d+) kB/.exec(status.stdout)?.[1]);
  };

  it('is less than 60 MB', async () => {
    expect(await rss()).toBeGreaterThan(10_000);
    expect(await rss()).toBeLessThan(60_000);
  });

  it('does not keep what passes through', async () => {
    const body = new Blob([new Uint8Array(64 * 1024 * 1024)]);
    await fresh.files.write('big', body, { useOctetStream: true });
    await fresh.files.write('big', body);
    await fresh.files.read('big', { format: 'blob' });
    await fresh.commands.run('head -c 30000000 /dev/zero', { onStdout: () => {} });
    expect(await waitUntil(async () => (await rss()) < 85_000, 10_000, 200)).toBe(true);
  });
});
