import { describe, expect, it } from 'vitest';
import { buildOciConfig, deviceNumbers } from './oci-config.ts';

describe('buildOciConfig', () => {
  const config = buildOciConfig({
    id: 'isandbox',
    args: ['/init'],
    env: { A: '1', B: 'x=y' },
    hostname: 'isandbox',
    rootfs: '/run/x/rootfs',
    toolboxDir: '/tools',
    etcDir: '/run/x/etc',
    cgroupsPath: '/shmastra-ab12/isandbox',
    cpuCount: 1.5,
    memoryMb: 512,
    pids: 100,
    seccomp: { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38, architectures: [], syscalls: [] },
    disk: { major: 7, minor: 300, megabytesPerSecond: 100 },
  });

  it('shifts ids and isolates every namespace', () => {
    expect(config.linux.uidMappings).toEqual([{ containerID: 0, hostID: 1_879_048_192, size: 65_536 }]);
    expect(config.linux.gidMappings).toEqual(config.linux.uidMappings);
    expect(config.linux.namespaces.map((namespace) => namespace.type).toSorted()).toEqual([
      'cgroup',
      'ipc',
      'mount',
      'network',
      'pid',
      'user',
      'uts',
    ]);
  });

  it('grants no capability that administers anything', () => {
    const { ambient, inheritable, ...sets } = config.process.capabilities;
    expect(inheritable).toEqual([]);
    expect(ambient).toEqual([]);
    for (const set of Object.values(sets)) {
      expect(set).toHaveLength(7);
      expect(set.join()).not.toMatch(/SYS_|NET_|MKNOD|PTRACE|MODULE|DAC_READ_SEARCH/);
    }
  });

  it('limits memory together with swap, cpu and processes', () => {
    expect(config.linux.resources).toMatchObject({
      memory: { limit: 512 * 1024 * 1024, swap: 512 * 1024 * 1024 },
      cpu: { quota: 150_000, period: 100_000 },
      pids: { limit: 100 },
    });
    expect(config.linux.resources.blockIO?.throttleWriteBpsDevice).toEqual([
      { major: 7, minor: 300, rate: 100 * 1024 * 1024 },
    ]);
  });

  it('bounds every tmpfs and binds the tools read-only', () => {
    const tmpfs = config.mounts.filter((mount) => mount.type === 'tmpfs');
    expect(tmpfs.every((mount) => mount.options.some((option) => option.startsWith('size=')))).toBe(true);
    expect(config.mounts.find((mount) => mount.destination === '/.engine')?.options).toContain('ro');
    expect(config.mounts.find((mount) => mount.destination === '/sys/fs/cgroup')?.options).toContain('ro');
  });

  it('passes the environment as it is', () => {
    expect(config.process.env).toEqual(['A=1', 'B=x=y']);
  });
});

it('takes a device number apart', () => {
  expect(deviceNumbers(0x702)).toEqual({ major: 7, minor: 2 });
  expect(deviceNumbers(0x10072c)).toEqual({ major: 7, minor: 300 });
});
