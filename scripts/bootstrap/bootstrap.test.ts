import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installedByUs, missingPackages, recordInstalled } from './debian-packages.mjs';
import { readEnvironment } from './environment.mjs';
import { describe as describeFailure, lastLines, StartError } from './failure.mjs';
import { hostNpmConfig } from './node.mjs';
import { isInstalled } from './npm-packages.mjs';
import { checkPlatform } from './platform.mjs';
import { run } from './run.mjs';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bootstrap-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('.env adds to the environment, never overrides it, and empty values are not set', async () => {
  await writeFile(path.join(folder, '.env'), 'PORT=4000\nHOST="0.0.0.0" # all\nPUBLIC_URL=\nLOG_LEVEL=debug\n');
  const env = { PORT: '5000', LOG_LEVEL: '', NODE_ENV: 'test' as const };
  expect(readEnvironment(folder, env)).toEqual({ PORT: '5000', HOST: '0.0.0.0', NODE_ENV: 'test' });
  expect(readEnvironment(path.join(folder, 'none'), env)).toEqual({ PORT: '5000', NODE_ENV: 'test' });
});

test('packages are installed when what the lock file wants is there, but for other platforms', () => {
  const wanted = {
    packages: {
      '': { version: '0.1.0' },
      engine: { version: '0.1.0' },
      'node_modules/zod': { version: '4.6.7' },
      'node_modules/@shmastra/engine': { link: true },
      'node_modules/esbuild-darwin': { version: '1.0.0', optional: true },
    },
  };
  const installed = { 'node_modules/zod': { version: '4.6.7' }, 'node_modules/@shmastra/engine': { link: true } };
  expect(isInstalled(wanted, { packages: installed })).toBe(true);
  expect(isInstalled(wanted, { packages: { ...installed, 'node_modules/zod': { version: '4.0.0' } } })).toBe(false);
  expect(isInstalled(wanted, { packages: { 'node_modules/zod': { version: '4.6.7' } } })).toBe(false);
  expect(isInstalled(wanted, null)).toBe(false);
});

test('missing Debian packages are named, and what we installed is remembered', async () => {
  expect(await missingPackages(['dpkg', 'no-such-package-as-this'])).toEqual(['no-such-package-as-this']);
  expect(installedByUs(folder)).toEqual([]);
  recordInstalled(folder, ['runc', 'git']);
  recordInstalled(folder, ['git', 'chromium']);
  expect(installedByUs(folder)).toEqual(['chromium', 'git', 'runc']);
});

test("npm under the project's Node reads the global configuration of the machine's", async () => {
  const node = path.join(folder, 'bin/node');
  const file = path.join(folder, 'etc/npmrc');
  expect(hostNpmConfig({}, node)).toEqual({});
  await mkdir(path.dirname(file));
  await writeFile(file, 'cafile=/etc/ssl/our.crt\n');
  expect(hostNpmConfig({}, node)).toEqual({ npm_config_globalconfig: file });
  const other = path.join(folder, 'other');
  await writeFile(other, '');
  expect(hostNpmConfig({ npm_config_globalconfig: other }, node)).toEqual({ npm_config_globalconfig: other });
});

test('a platform that cannot run it is refused with what to do', () => {
  const machine = { platform: 'linux', arch: 'x64', node: '20.12.0', libc: 'glibc' as const };
  expect(() => checkPlatform(machine)).not.toThrow();
  expect(() => checkPlatform({ ...machine, node: '18.20.0' })).toThrow('Node 18.20.0 is too old');
  expect(() => checkPlatform({ ...machine, node: '20.11.1' })).toThrow('too old');
  expect(() => checkPlatform({ ...machine, platform: 'darwin' })).toThrow('needs Linux');
  expect(() => checkPlatform({ ...machine, libc: 'musl' })).toThrow('glibc');
  expect(() => checkPlatform({ ...machine, arch: 'ia32' })).toThrow('x64 and arm64');
});

test('a failure says what, why, the last lines, the log and what to do', () => {
  const text = describeFailure(
    new StartError('web did not start.', {
      why: 'it ended',
      output: 'a\n\u001b[31mb\u001b[0m\n\n',
      log: '/x.log',
      next: 'look',
    }),
  );
  expect(text).toBe('web did not start.\n  Why: it ended\n    a\n    b\n  Log: /x.log\n  What to do: look');
  expect(describeFailure(new TypeError('x is undefined'))).toContain('This is a bug');
  expect(lastLines('1\n2\n3', 2)).toBe('2\n3');
});

test('a program that is not there is a code and not an exception', async () => {
  expect(await run('no-such-program-as-this', [])).toMatchObject({ code: 127 });
  expect(await run('sh', ['-c', 'cat; echo err >&2; exit 3'], { input: 'in' })).toMatchObject({
    code: 3,
    stdout: 'in',
    output: expect.stringContaining('err'),
  });
});
