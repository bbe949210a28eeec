import { describe, expect, it } from 'vitest';
import { buildSeccomp } from './seccomp.ts';

const profile = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
  syscalls: [
    {
      names: ['read', 'mount', 'clone', 'clone3', 'unshare'],
      action: 'SCMP_ACT_ALLOW',
      args: [],
      includes: {},
      excludes: {},
    },
    { names: ['chroot'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_CHROOT'] }, excludes: {} },
    { names: ['chroot'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, includes: {}, excludes: { caps: ['CAP_SYS_CHROOT'] } },
    { names: ['arch_prctl'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['amd64'] }, excludes: {} },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: null, includes: {}, excludes: {} },
  ],
});

describe('buildSeccomp', () => {
  const seccomp = buildSeccomp(profile, ['CAP_CHOWN'], 'x64');
  const allowed = seccomp.syscalls.filter((rule) => rule.action === 'SCMP_ACT_ALLOW');
  const rulesOf = (name: string) => seccomp.syscalls.filter((rule) => rule.names.includes(name));

  it('follows the conditions on capabilities and architecture', () => {
    expect(rulesOf('chroot')).toEqual([{ names: ['chroot'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }]);
    expect(rulesOf('arch_prctl')).toHaveLength(1);
    expect(buildSeccomp(profile, [], 'arm64').syscalls.some((rule) => rule.names.includes('arch_prctl'))).toBe(false);
    expect(seccomp.architectures).toEqual(['SCMP_ARCH_X86_64']);
  });

  it('removes what makes namespaces or mounts', () => {
    expect(allowed.flatMap((rule) => rule.names)).not.toEqual(expect.arrayContaining(['mount']));
    expect(rulesOf('unshare')[0]).toMatchObject({ action: 'SCMP_ACT_ERRNO', errnoRet: 1 });
    expect(rulesOf('clone')).toEqual([
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 0x7e020080, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ]);
    expect(rulesOf('clone3')).toEqual([{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }]);
  });

  it('allows no sockets but local ones, and the usual ones of IP and netlink', () => {
    const pairs = rulesOf('socket')
      .filter((rule) => rule.action === 'SCMP_ACT_ALLOW')
      .map((rule) => rule.args?.map((argument) => argument.value).join(' '));
    const [tcp, udp] = [6, 17];
    expect(pairs).toEqual([
      ...['1', '2 0', `2 ${tcp}`, `2 ${udp}`, '2 1', '10 0', `10 ${tcp}`, `10 ${udp}`, '10 58'],
      ...['16 0', '16 4', '16 15', '16 16'],
    ]);
    expect(rulesOf('socketpair').map((rule) => rule.args?.[0]?.value)).toEqual([1]);
  });

  it('has no asynchronous input and output, of which there is one account for the machine', () => {
    expect(rulesOf('io_setup')).toMatchObject([{ action: 'SCMP_ACT_ERRNO', errnoRet: 38 }]);
  });

  it('says which architecture it does not know', () => {
    expect(() => buildSeccomp(profile, [], 'mips')).toThrow('mips');
  });
});
