import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { inotify, missingCapabilities } from './kernel.mjs';
import { droppingForwardChains } from './network.mjs';
import { settings } from './settings.mjs';

const machine = (env: Record<string, string>, root = '/nowhere') => ({ root, env, dataDir: '/nowhere', isRoot: true });

test('the capabilities of an unprivileged container are not enough', () => {
  expect(missingCapabilities('00000000a80425fb')).toEqual(['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']);
  expect(missingCapabilities('000001ffffffffff')).toEqual([]);
  expect(missingCapabilities('')).toContain('CAP_CHOWN');
});

test('low inotify limits matter only where npm start cannot raise them', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'doctor-'));
  const [instances, watches] = ['max_user_instances', 'max_user_watches'].map((name) => path.join(folder, name));
  const level = async (isRoot = true) => (await inotify({ isRoot }, folder)).map((finding) => finding.level);
  try {
    await Promise.all([writeFile(instances ?? '', '128\n'), writeFile(watches ?? '', '9999999\n')]);
    expect(await level()).toEqual(['ok']);
    // Root may write whatever the mode is; not so a file of the kernel that is no setting.
    await rm(instances ?? '');
    await symlink('/proc/sys/kernel/cap_last_cap', instances ?? '');
    expect(await level()).toEqual(['warn']);
    expect(await level(false)).toEqual(['ok']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("other firewalls' dropping forward chains are found, our own is not one", () => {
  const ruleset = [
    'table ip filter {',
    '  chain FORWARD {',
    '    type filter hook forward priority filter; policy drop;',
    'table inet shmastra_abcde {',
    '  chain forward {',
    '    type filter hook forward priority 0; policy drop;',
    'table inet open {',
    '    type filter hook forward priority 0; policy accept;',
  ].join('\n');
  expect(droppingForwardChains(ruleset)).toEqual(['ip filter']);
});

test('a HOST that others reach needs https or an explicit setting', async () => {
  const failed = async (env: Record<string, string>) =>
    (await settings(machine(env))).filter(({ level }) => level === 'fail').length;
  expect(await failed({})).toBe(0);
  expect(await failed({ HOST: '0.0.0.0' })).toBe(1);
  expect(await failed({ HOST: '0.0.0.0', PUBLIC_URL: 'https://studio.example.com' })).toBe(0);
  expect(await failed({ HOST: '0.0.0.0', ALLOW_PLAIN_HTTP: 'true' })).toBe(0);
  expect(await failed({ PORT: 'abc', PUBLIC_URL: 'studio' })).toBe(2);
});

test('a .env that others can read is told, with the command', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'doctor-'));
  try {
    await writeFile(path.join(root, '.env'), 'OPENAI_API_KEY=x', { mode: 0o644 });
    const findings = await settings(machine({}, root));
    expect(findings).toContainEqual(expect.objectContaining({ level: 'warn', fix: `chmod 600 ${root}/.env` }));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
