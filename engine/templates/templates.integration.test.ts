import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Sandbox, Template, type TemplateClass, waitForPort } from 'e2b';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitUntil } from '../runtime/wait.ts';
import { TestEngine } from '../testing/engine.ts';

let engine: TestEngine;
let context: string;
beforeAll(async () => {
  engine = await TestEngine.start();
  context = await mkdtemp(path.join(tmpdir(), 'template-context-'));
  const server = `require('http').createServer((_, r) => r.end(require('ms')(60000))).listen(3000)`;
  await mkdir(path.join(context, 'app/inner'), { recursive: true });
  await writeFile(path.join(context, 'app/package.json'), '{"private":true,"dependencies":{"ms":"2.1.3"}}');
  await writeFile(path.join(context, 'app/server.js'), server);
  await writeFile(path.join(context, 'app/inner/deep.txt'), 'deep');
  await symlink('server.js', path.join(context, 'app/link.js'));
  await writeFile(path.join(context, 'one.txt'), 'one');
  await writeFile(path.join(context, 'two.txt'), 'two');
});
afterAll(async () => {
  await engine.dispose();
  await rm(context, { recursive: true, force: true });
});

const from = () => Template({ fileContextPath: context }).fromNodeImage('22');
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

it('builds with every kind of step, from the cache the second time, and starts its command in each sandbox', async () => {
  const template = () =>
    from()
      .setEnvs({ GREETING: 'hi', PATH: '/opt/tools:$PATH' })
      .setWorkdir('/home/user/app')
      .copy('app/package.json', 'package.json')
      .runCmd('npm install --no-audit')
      .copy('app', '.')
      .setUser('root')
      .runCmd('id -u > /root/uid && echo "$GREETING $PATH" > /root/env && touch built-by-root')
      .setUser('user')
      .setStartCmd('echo $$ >> starts; exec node server.js', waitForPort(3000));
  const first = await build(template(), 'demo:v1');
  expect(first.error).toBeUndefined();
  expect(first.lines.join('\n')).toMatch(/\[builder 4\/8\] \[stdout\]: added 1 package/);

  const second = await build(template(), 'demo:v2');
  expect(second.error).toBeUndefined();
  const steps = second.lines.filter((line) => line.includes('[builder '));
  expect(steps).toHaveLength(8);
  for (const line of steps) expect(line).toMatch(/^CACHED /);

  const sandbox = await Sandbox.create('demo:v2', engine.connection);
  const output = await sandbox.commands.run(
    'pwd; sudo cat /root/uid /root/env; curl -sf --retry 50 --retry-connrefused --retry-delay 1 127.0.0.1:3000; wc -l < starts; stat -c %U server.js built-by-root; readlink link.js; cat inner/deep.txt',
  );
  expect(output.stdout.split('\n')).toEqual([
    '/home/user/app',
    '0',
    'hi /opt/tools:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    // Once in the build, once in this sandbox.
    '1m2',
    'user',
    'root',
    'server.js',
    'deep',
  ]);
  await sandbox.kill();
});

it('copies as Docker does', async () => {
  const template = from()
    .copy('one.txt', 'renamed.txt')
    .copy('one.txt', 'folder/')
    .copy('one.txt', '/opt/new/deep/file', { mode: 0o600, user: 'root' })
    .copy('*.txt', 'all/')
    .copy('app', 'merged')
    .copy('app/inner', 'merged')
    .copy('app/**/*.txt', 'found/')
    .runCmd('find renamed.txt folder all merged found /opt/new -printf "%p %u %m %y\\n" | sort');
  const { lines, error } = await build(template, 'copies');
  expect(error).toBeUndefined();
  const found = lines.flatMap((line) => /\[stdout\]: (\S+) (\S+) (\S+) (.)/.exec(line)?.slice(1, 5).join(' ') ?? []);
  expect(found).toEqual([
    '/opt/new root 755 d',
    '/opt/new/deep root 755 d',
    '/opt/new/deep/file root 600 f',
    'all user 755 d',
    'all/one.txt user 644 f',
    'all/two.txt user 644 f',
    'folder user 755 d',
    'folder/one.txt user 644 f',
    'found user 755 d',
    'found/inner user 755 d',
    'found/inner/deep.txt user 644 f',
    'merged user 755 d',
    'merged/deep.txt user 644 f',
    'merged/inner user 755 d',
    'merged/inner/deep.txt user 644 f',
    'merged/link.js user 777 l',
    'merged/package.json user 644 f',
    'merged/server.js user 644 f',
    'renamed.txt user 644 f',
  ]);
});

it('says which step failed and why, and goes on from the last good one', async () => {
  const template = (cmd: string) => from().runCmd('echo slow part').runCmd(cmd);
  const failed = await build(template('echo no luck >&2; exit 7'), 'unlucky');
  expect(failed.error).toBe("failed to run command 'echo no luck >&2; exit 7': exit status 7\nno luck");
  expect(await Template.exists('unlucky', engine.connection)).toBe(false);
  const again = await build(template('true'), 'unlucky');
  expect(again.error).toBeUndefined();
  expect(again.lines).toContain('CACHED [builder 1/2] RUN echo slow part');
});

it('refuses names that are no image, and templates that are not there', async () => {
  expect((await build(Template().fromImage('oci:/etc').runCmd('true'), 'odd')).error).toMatch(
    /invalid image reference/,
  );
  expect((await build(Template().fromTemplate('missing').runCmd('true'), 'child')).error).toMatch(
    /'missing' not found/,
  );
});

it('builds on another template', async () => {
  await build(from().setEnvs({ PARENT: 'yes' }).runCmd('echo parent > made-by'), 'parent');
  const child = await build(Template().fromTemplate('parent').runCmd('cat made-by; echo $PARENT'), 'child');
  expect(child.lines.join('\n')).toMatch(/parent\n.*yes/);
});

it('fails a build whose start command ends with an error', async () => {
  const { error } = await build(from().setStartCmd('exit 9', 'sleep 1; false'), 'no-start');
  expect(error).toMatch(/failed to run start command 'exit 9': exit status 9/);
});

it('leaves nothing of a build that the end of the engine interrupted', async () => {
  const before = await readdir(path.join(engine.dataDir, 'layers'));
  const info = await Template.buildInBackground(from().runCmd('echo begun; sleep 600'), 'cut', engine.connection);
  const status = () => Template.getBuildStatus(info, engine.connection);
  const hasBegun = async () => (await status()).logEntries.some(({ message }) => message.endsWith('begun'));
  expect(await waitUntil(hasBegun, 60_000, 50)).toBe(true);
  await engine.end('SIGKILL');
  await engine.launch();
  expect(await status()).toMatchObject({ status: 'error', reason: { message: expect.stringContaining('restarted') } });
  expect(await readdir(path.join(engine.dataDir, 'layers'))).toEqual(before);
  const leftovers = async () =>
    (await readdir(path.join(engine.dataDir, 'sandboxes'))).filter((name) => name.startsWith('b'));
  expect(await waitUntil(async () => (await leftovers()).length === 0, 10_000, 50)).toBe(true);
});
