import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Sandbox, Template, type TemplateClass } from 'e2b';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mountsBelow } from '../disk/mounts.ts';
import { runDirectory } from '../config.ts';
import { command } from '../runtime/command.ts';
import { SHIFTED_ROOT } from '../runtime/oci-config.ts';
import { createImageStore } from '../images/image-store.ts';
import { IMAGE_CACHE, TestEngine } from '../testing/engine.ts';
import { TestRegistry, type TestImage } from '../testing/registry.ts';
import { tarFile, type TarEntry } from '../testing/tar-file.ts';

let engine: TestEngine;
let registry: TestRegistry;
let scratch: string;
let debian: Exclude<TestImage['layers'][number], Buffer>;
/** The engine's own base image. */
let base: string;
/** Names on the host that hostile archives try to write. */
const canary = `oci-escape-${process.pid}`;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'registry-image-'));
  registry = new TestRegistry();
  await registry.listen();
  // An image cache of its own: what is fetched here must not be there for others.
  engine = await TestEngine.start({
    env: {
      ENGINE_REGISTRIES: `http://${registry.host},http://127.0.0.1:9`,
      ENGINE_IMAGE_CACHE: path.join(scratch, 'cache'),
    },
  });
  debian = await packDebian();
});
afterAll(async () => {
  await engine.dispose();
  await registry.close();
  await rm(scratch, { recursive: true, force: true });
});

/** Debian as an image has it: the engine's own base with its owners as they were. */
async function packDebian() {
  const images = { runDir: scratch, registries: { allowed: [] }, maxMb: 64, minFreeMb: 0 };
  const made = await createImageStore({ cacheDir: IMAGE_CACHE, ...images }).ensure({ kind: 'base' }, () => {});
  base = made.layers[0] ?? '';
  const owners = path.join(scratch, 'owners');
  const ids = [...Array.from({ length: 1001 }, (_, id) => id), 65_534];
  await writeFile(owners, ids.map((id) => `+${SHIFTED_ROOT + id} +${id}`).join('\n'));
  const tar = path.join(scratch, 'debian.tar');
  const maps = [`--owner-map=${owners}`, `--group-map=${owners}`, '--numeric-owner'];
  await command('tar', ['--create', `--file=${tar}`, ...maps, `--directory=${base}`, '.'], { timeoutMs: 120_000 });
  const diffId = await digestOf(tar);
  await command('gzip', ['-1', tar], { timeoutMs: 120_000 });
  return { gzipFile: `${tar}.gz`, digest: await digestOf(`${tar}.gz`), diffId };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  createReadStream(file)
    .on('data', (chunk) => hash.update(chunk))
    .on('end', () => hash.end());
  await once(hash, 'finish').catch(() => {});
  return `sha256:${hash.digest('hex')}`;
}

/** An image that gets as far as being looked at: its name is in the error then. */
const tiny = (name: string) => tarFile([{ path: 'etc/os-release', content: `ID=x\nPRETTY_NAME="${name}"\n` }]);

/** Takes the engine's own additions away again, as a plain image of Debian has none of them. */
async function withoutUser(): Promise<TarEntry[]> {
  const lines = async (file: string) =>
    (await readFile(path.join(base, file), 'utf8'))
      .split('\n')
      .filter((line) => !line.startsWith('user:'))
      .join('\n');
  const files = ['etc/passwd', 'etc/group', 'etc/shadow', 'etc/gshadow'];
  const changed = await Promise.all(files.map(async (file) => ({ path: file, content: await lines(file) })));
  return [...changed, { path: 'home/.wh.user' }, { path: 'etc/sudoers.d/.wh.user' }];
}

type Built = { lines: string[]; error?: string };
async function build(template: TemplateClass, name: string): Promise<Built> {
  const lines: string[] = [];
  const onBuildLogs = ({ message }: { message: string }) => void lines.push(message);
  try {
    await Template.build(template, name, { ...engine.connection, onBuildLogs });
    return { lines };
  } catch (error) {
    return { lines, error: error instanceof Error ? error.message : String(error) };
  }
}

const mounts = () => mountsBelow(runDirectory(engine.instance)).filter((target) => target.includes('/pull'));

it('makes a template of an image, with what every template has, and fetches each digest once', async () => {
  const hostile: TarEntry[] = [
    { path: `../../../../../../../../tmp/${canary}-up`, content: 'x' },
    { path: 'opt/out', type: 'SymbolicLink', linkpath: '/tmp' },
    { path: `opt/out/${canary}-link`, content: 'x' },
  ];
  const special: TarEntry[] = [
    { path: 'opt/disk', type: 'BlockDevice', device: [254, 0], mode: 0o666 },
    { path: 'opt/null', type: 'CharacterDevice', device: [1, 3], mode: 0o666 },
    { path: 'opt/pipe', type: 'FIFO' },
    { path: 'opt/setuid', content: 'x', mode: 0o4755 },
    {
      path: 'opt/able',
      content: 'x',
      mode: 0o755,
      xattrs: { 'security.capability': Buffer.from('0100000200040000000000000000000000000000', 'hex') },
    },
    { path: 'etc/resolv.conf', type: 'SymbolicLink', linkpath: '/run/systemd/stub.conf' },
    { path: 'usr/share/.wh.perl5' },
  ];
  registry.add('team/debian', '12', {
    layers: [debian, tarFile([...(await withoutUser()), ...special, ...hostile])],
    config: {
      Env: ['PATH=/opt/tools:/usr/local/bin:/usr/bin:/bin', 'FROM_IMAGE=yes', 'EMPTY=', 'not a name=x'],
      User: 'daemon',
      WorkingDir: '/opt',
    },
  });
  const image = `${registry.host}/team/debian:12`;
  const template = () => Template().fromImage(image).runCmd('id -un > who; pwd >> who; echo $FROM_IMAGE >> who');
  const first = await build(template(), 'of-image');
  expect(first.error).toBeUndefined();
  expect(first.lines.join('\n')).toContain('Setting up the image');
  expect(mounts()).toEqual([]);

  const sandbox = await Sandbox.create('of-image', engine.connection);
  const run = async (text: string, user = 'user') => (await sandbox.commands.run(text, { user })).stdout.trim();
  expect(await run('cat who; sudo id -u; echo $PATH; stat -c %a /code /usr/local')).toBe(
    'user\n/home/user\nyes\n0\n/opt/tools:/usr/local/bin:/usr/bin:/bin\n777\n777',
  );
  expect(await run('ls /opt; stat -c "%a %U" /opt/setuid; getcap /opt/able 2>/dev/null || true', 'root')).toBe(
    'able\nout\npipe\nsetuid\n4755 root',
  );
  expect(await run('ls -d /usr/share/perl5 2>&1 || true')).toContain('No such file');
  expect(await run('getent hosts localhost; cat /etc/resolv.conf')).toContain('nameserver');
  await sandbox.kill();

  const cacheDir = path.join(scratch, 'cache');
  const cache = await readdir(cacheDir);
  const layer = cache.find((name) => /^oci-[0-9a-f]+$/.test(name)) ?? '';
  for (const name of ['opt/disk', 'opt/null']) {
    await expect(lstat(path.join(scratch, 'cache', layer, name))).rejects.toThrow(/ENOENT/);
  }
  // Nobody on the host may run what is set-uid in there.
  expect((await stat(path.join(cacheDir, layer))).mode & 0o777).toBe(0o700);
  const packed = ['--create', '--file=-', '--xattrs', '--xattrs-include=*', `--directory=${cacheDir}/${layer}/opt`];
  expect(await command('tar', [...packed, 'able'])).not.toContain('xattr');
  for (const end of ['up', 'link']) await expect(stat(path.join('/tmp', `${canary}-${end}`))).rejects.toThrow(/ENOENT/);
  expect(cache.filter((name) => /tmp|img|lock|auth/.test(name))).toEqual([]);

  registry.requests.length = 0;
  const second = await build(template(), 'of-image');
  expect(second.lines.join('\n')).toContain('CACHED');
  expect(registry.requests.filter((request) => request.includes(debian.digest))).toEqual([]);
});

it('installs sudo where it is missing', async () => {
  const status = await readFile(path.join(base, 'var/lib/dpkg/status'), 'utf8');
  const content = status
    .split('\n\n')
    .filter((part) => !part.startsWith('Package: sudo\n'))
    .join('\n\n');
  const layer = tarFile([
    ...(await withoutUser()),
    { path: 'var/lib/dpkg/status', content },
    { path: 'usr/bin/.wh.sudo' },
  ]);
  registry.add('team/bare', 'latest', { layers: [debian, layer] });
  const built = await build(Template().fromImage(`${registry.host}/team/bare`).runCmd('sudo id -u'), 'bare');
  expect(built.error).toBeUndefined();
  expect(built.lines.join('\n')).toMatch(/Installing .*sudo/);
});

it('passes a login on, and keeps it nowhere', async () => {
  registry.add('private/tiny', '1', { layers: [tiny('Reached')] });
  registry.login = 'robot:sesame-open';
  const image = `${registry.host}/private/tiny:1`;
  try {
    expect((await build(Template().fromImage(image), 'private')).error).toMatch(/access to '.*' denied/);
    const wrong = Template().fromImage(image, { username: 'robot', password: 'wrong' });
    expect((await build(wrong, 'private')).error).toMatch(/access to '.*' denied/);
    const right = Template().fromImage(image, { username: 'robot', password: 'sesame-open' });
    expect((await build(right, 'private')).error).toContain('Reached has no glibc');
  } finally {
    registry.login = undefined;
  }
  const secret = Buffer.from('robot:sesame-open').toString('base64');
  const kept = await command('grep', [
    '-rlE',
    `sesame-open|${secret}`,
    engine.dataDir,
    runDirectory(engine.instance),
  ]).catch(() => '');
  expect(kept).toBe('');
});

it('takes the image of this machine out of an index, by tag and by digest', async () => {
  const here = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const digest = registry.addIndex('team/many', '1', {
    [here]: { layers: [tiny('Ours')] },
    s390x: { layers: [tiny('Theirs')] },
  });
  for (const version of [':1', `@${digest}`]) {
    const built = await build(Template().fromImage(`${registry.host}/team/many${version}`), 'many');
    expect(built.error).toContain('Ours has no glibc');
  }
  registry.add('team/foreign', '1', { layers: [tarFile([{ path: 'x' }])], architecture: 's390x' });
  expect((await build(Template().fromImage(`${registry.host}/team/foreign:1`), 'x')).error).toMatch(
    /is for linux\/s390x: this machine needs/,
  );
});

it('goes on with what it has when the registry is away', async () => {
  const image = `${registry.host}/team/debian:12`;
  const { host } = registry;
  await registry.close();
  try {
    const again = await build(Template().fromImage(image).runCmd('test -e /opt/setuid'), 'away');
    expect(again.error).toBeUndefined();
    expect(again.lines.join('\n')).toContain('cannot be reached: taking');
    const never = await build(Template().fromImage(`${host}/team/never:1`), 'never');
    expect(never.error).toMatch(/registry .* cannot be reached from the machine of the engine[\s\S]*need no registry/);
  } finally {
    await registry.reopen(host);
  }
});

it.each<[string, TarEntry[], RegExp]>([
  ['distroless', [{ path: 'etc/passwd', content: 'root:x:0:0::/root:/bin/sh\n' }], /no \/etc\/os-release \(distroless/],
  [
    'alpine',
    [{ path: 'etc/os-release', content: 'ID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n' }],
    /Alpine Linux v3.20 has no glibc.*-slim/,
  ],
  [
    'looping',
    [
      { path: 'etc/os-release', type: 'SymbolicLink', linkpath: '/etc/os-release' },
      { path: 'bin', type: 'SymbolicLink', linkpath: 'bin' },
    ],
    /no \/etc\/os-release/,
  ],
  [
    'reading-the-host',
    [{ path: 'etc', type: 'SymbolicLink', linkpath: '/../../../../../../etc' }],
    /no \/etc\/os-release/,
  ],
])('says what is missing in a %s image', async (name, entries, error) => {
  registry.add(`odd/${name}`, 'latest', { layers: [tarFile(entries)] });
  expect((await build(Template().fromImage(`${registry.host}/odd/${name}`), name)).error).toMatch(error);
  expect(mounts()).toEqual([]);
});

it('says what it cannot fetch', async () => {
  expect((await build(Template().fromImage(`${registry.host}/team/debian:99`), 'x')).error).toMatch(/not found/);
  expect((await build(Template().fromImage('ghcr.io/x/y'), 'x')).error).toMatch(/ghcr.io are not allowed here/);
  expect((await build(Template().fromImage('127.0.0.1:9/x/y'), 'x')).error).toMatch(/cannot be reached/);
  expect((await build(Template().fromImage('docker-archive:/etc/passwd'), 'x')).error).toMatch(
    /invalid image reference/,
  );
});

it('keeps a bomb inside its bounds', async () => {
  const small = await TestEngine.start({
    env: {
      ENGINE_REGISTRIES: `http://${registry.host}`,
      ENGINE_IMAGE_MAX_MB: '64',
      ENGINE_IMAGE_CACHE: path.join(scratch, 'small'),
    },
  });
  try {
    registry.add('odd/bomb', '1', { layers: [tarFile([{ path: 'zeros', content: Buffer.alloc(200 * 2 ** 20) }])] });
    const failed = Template.build(Template().fromImage(`${registry.host}/odd/bomb:1`), 'bomb', small.connection);
    await expect(failed).rejects.toThrow(/too large/);
    expect(await readdir(path.join(scratch, 'small'))).toEqual([]);
  } finally {
    await small.dispose();
  }
});
