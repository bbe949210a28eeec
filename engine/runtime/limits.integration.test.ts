import { Sandbox } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestEngine } from '../testing/engine.ts';
import { USER_LIMITS } from './user-limits.ts';

describe('the limits of a sandbox', () => {
  let engine: TestEngine;
  let sandbox: Sandbox;
  const run = (script: string) =>
    sandbox.commands.run(script).catch((error: { exitCode: number; stdout: string; stderr: string }) => error);

  beforeAll(async () => {
    engine = await TestEngine.start({ env: { ENGINE_PIDS: '150' } });
    sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 });
  });
  afterAll(() => engine?.dispose());

  it('kills what takes more memory than there is, and goes on', async () => {
    const result = await run('head -c 40G /dev/zero | tail');
    expect(result.exitCode).not.toBe(0);
    expect((await run('echo alive')).stdout).toBe('alive\n');
  });

  it('counts /dev/shm as memory and bounds it', async () => {
    const { memoryMB } = await sandbox.getInfo();
    const size = Number((await run('df --output=size -m /dev/shm | tail -1')).stdout);
    expect(size).toBeLessThanOrEqual(memoryMB / 2);
  });

  it('shows the memory limit to Node', async () => {
    const { memoryMB } = await sandbox.getInfo();
    const constrained = await run('/.engine/node -p "process.constrainedMemory()"');
    expect(Number(constrained.stdout)).toBe(memoryMB * 1024 * 1024);
  });

  it('limits processes', async () => {
    const result = await run("sh -c 'for i in $(seq 400); do sleep 3 & done; wait'");
    expect(result.stderr).toMatch(/[Cc]annot fork/);
    await expect.poll(async () => (await run('echo alive')).stdout, { timeout: 20_000 }).toBe('alive\n');
  });

  it('limits cpu time', async () => {
    const { cpuCount } = await sandbox.getInfo();
    const quota = await run(
      'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d" " -f1 /sys/fs/cgroup/cpu.max',
    );
    expect(Number(quota.stdout)).toBe(cpuCount * 100_000);
  });

  it('limits the disk, and gives space back', async () => {
    const available = async () => Number((await run('df --output=avail -m / | tail -1')).stdout);
    const before = await available();
    const result = await run('fallocate -l 900G big');
    expect(result.stderr).toMatch(/No space left|File too large/);
    const some = await run(`dd if=/dev/zero of=big bs=1M count=200 status=none && df --output=avail -m / | tail -1`);
    expect(Number(some.stdout)).toBeLessThan(before - 150);
    expect((await run('rm -f big; echo still > small; cat small')).stdout).toBe('still\n');
    await expect.poll(available).toBeGreaterThan(before - 50);
  });

  it('limits what it takes of the inotify allowance that all sandboxes share', async () => {
    // inotify_init1 until it fails; no other program of the image can.
    const number = process.arch === 'arm64' ? 26 : 294;
    const count = `perl -e '$n = 0; while (syscall(${number}, 0) >= 0) { $n++ } print $n'`;
    const { stdout } = await run(count);
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(Number(stdout)).toBeLessThanOrEqual(USER_LIMITS.max_inotify_instances);
    expect((await run('echo 9999 | sudo tee /proc/sys/user/max_inotify_instances')).exitCode).not.toBe(0);
  });

  it('limits open files', async () => {
    expect(Number((await run('ulimit -Hn')).stdout)).toBeLessThanOrEqual(20_000);
  });
});

describe('the rights of a sandbox', () => {
  let engine: TestEngine;
  let sandbox: Sandbox;
  const asRoot = (script: string) =>
    sandbox.commands
      .run(script, { user: 'root' })
      .catch((error: { exitCode: number; stdout: string; stderr: string }) => error);

  beforeAll(async () => {
    engine = await TestEngine.start();
    sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 });
  });
  afterAll(() => engine?.dispose());

  it('has seven capabilities, none of which administers anything', async () => {
    const status = await asRoot('grep -E "Cap(Bnd|Eff)" /proc/self/status');
    expect(status.stdout).toBe('CapEff:\t00000000000000fb\nCapBnd:\t00000000000000fb\n');
  });

  it.each([
    ['makes no namespaces', 'unshare --user true'],
    [
      'mounts nothing',
      'mount -t tmpfs none /mnt || perl -e \'exit(syscall(165, "none", "/mnt", "tmpfs", 0, 0) == 0 ? 0 : 1)\'',
    ],
    ['makes no device nodes', 'mknod /tmp/sda b 8 0'],
    ['changes no kernel settings', 'echo 1 > /proc/sys/kernel/panic'],
    [
      'changes no cgroup limits',
      'echo 999999999999 > /sys/fs/cgroup/memory/memory.limit_in_bytes || echo max > /sys/fs/cgroup/memory.max',
    ],
    ['changes no network', 'ip addr add 10.1.1.1/32 dev eth0'],
    ['does not change its tools', 'touch /.engine/envd.mjs'],
    ['opens no vsock', "perl -MSocket -e 'socket(S, 40, SOCK_STREAM, 0) or exit 1'"],
    ['opens no packet sockets', "perl -MSocket -e 'socket(S, 17, SOCK_RAW, 0) or exit 1'"],
  ])('%s', async (_, script) => {
    expect((await asRoot(script)).exitCode).not.toBe(0);
  });

  it('does not see the host', async () => {
    const output = await asRoot(
      'ls /proc | grep -E "^[0-9]+$" | wc -l; ls /dev; cat /proc/kcore 2>&1 | head -c 10; cat /proc/keys',
    );
    expect(Number(output.stdout.split('\n')[0])).toBeLessThan(20);
    expect(output.stdout).not.toMatch(/vda|kmsg|loop/);
  });

  it('keeps a user without new privileges from sudo', async () => {
    const plain = await sandbox.commands.run('sudo -n id -u');
    expect(plain.stdout).toBe('0\n');
    const bound = await sandbox.commands
      .run(`perl -e 'syscall(157, 38, 1, 0, 0, 0); exec "sudo", "-n", "id"'`)
      .catch((error: { exitCode: number }) => error);
    expect(bound.exitCode).not.toBe(0);
  });
});
