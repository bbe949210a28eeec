import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TemplateClass } from 'e2b';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inCrossedSettings } from './support/settings.ts';

inCrossedSettings('templates', ({ sdk, version, transport, connection, create, urlOf }) => {
  let context: string;
  beforeAll(async () => {
    context = await mkdtemp(path.join(tmpdir(), 'template-context-'));
    await mkdir(path.join(context, 'app/inner'), { recursive: true });
    await writeFile(path.join(context, 'app/one.txt'), 'one');
    await writeFile(path.join(context, 'app/inner/deep.txt'), 'deep');
    await writeFile(path.join(context, 'app/ignored.log'), 'ignored');
    await symlink('one.txt', path.join(context, 'app/link'));
  });
  afterAll(() => rm(context, { recursive: true, force: true }));

  /** Each setting builds its own; layers are shared by all of one engine. */
  const named = (name: string) => `${name}-${version.replace('.', '-')}-${transport}`;
  const base = () => sdk.Template({ fileContextPath: context, fileIgnorePatterns: ['**/*.log'] }).fromTemplate('base');

  async function build(template: TemplateClass, name: string, options = {}): Promise<string[]> {
    const lines: string[] = [];
    await sdk.Template.build(template, name, {
      ...connection,
      ...options,
      onBuildLogs: ({ message }) => void lines.push(message),
    });
    return lines;
  }
  const inTemplate = async (name: string, command: string) => {
    const sandbox = await create({ template: name });
    return (await sandbox.commands.run(command)).stdout;
  };

  it('are built by steps of every kind', async () => {
    const template = base()
      .setEnvs({ GREETING: 'hello', TWICE: '$GREETING$GREETING' })
      .setWorkdir('/home/user/work')
      .copy('app', 'copied')
      .copy('app/one.txt', '/opt/mode', { mode: 0o600, user: 'root' })
      .copyItems([{ src: ['app/one.txt', 'app/inner/deep.txt'], dest: 'items/' }])
      .makeDir('made/deep', { mode: 0o700 })
      .rename('items/one.txt', 'items/renamed.txt')
      .makeSymlink('items/renamed.txt', 'symlink')
      .remove('items/deep.txt')
      .runCmd(['echo "$GREETING $(whoami) $(pwd)" > told', 'touch /tmp/second'])
      .runCmd('whoami > /root/who', { user: 'root' })
      .setUser('root')
      .runCmd('echo "$TWICE" > /root/twice')
      .setUser('user');
    const lines = await build(template, named('steps'));
    expect(lines.join('\n')).toContain('RUN');
    const output = await inTemplate(
      named('steps'),
      'pwd; cat told; cd copied; find . | sort; readlink link; cd ..; ls items; readlink symlink; stat -c %a made/deep /tmp/second; sudo stat -c "%a %U" /opt/mode; sudo cat /root/who /root/twice; echo $GREETING',
    );
    expect(output.split('\n')).toEqual([
      ...['/home/user/work', 'hello user /home/user/work'],
      ...['.', './inner', './inner/deep.txt', './link', './one.txt', 'one.txt'],
      ...['renamed.txt', 'items/renamed.txt', '700', '644', '600 root', 'root', 'hellohello', 'hello', ''],
    ]);
  });

  it('are built from the cache where nothing changed, and anew where that is asked for', async () => {
    const template = () => base().runCmd('date +%N > /tmp/when').runCmd('cat /tmp/when');
    await build(template(), named('cache'));
    const again = await build(template(), named('cache'));
    expect(again.filter((line) => line.startsWith('CACHED'))).toHaveLength(2);
    const first = await inTemplate(named('cache'), 'cat /tmp/when');
    const anew = await build(template(), named('cache'), { skipCache: true });
    expect(anew.filter((line) => line.startsWith('CACHED'))).toEqual([]);
    expect(await inTemplate(named('cache'), 'cat /tmp/when')).not.toBe(first);
  });

  it('notice that a copied file changed', async () => {
    const template = () => base().copy('changing.txt', '/tmp/changing.txt').runCmd('cat /tmp/changing.txt');
    await writeFile(path.join(context, 'changing.txt'), 'before');
    await build(template(), named('changed'));
    const after = randomUUID();
    await writeFile(path.join(context, 'changing.txt'), after);
    const lines = await build(template(), named('changed'));
    expect(lines.filter((line) => line.startsWith('CACHED'))).toEqual([]);
    expect(await inTemplate(named('changed'), 'cat /tmp/changing.txt')).toBe(after);
  });

  it('follow links where that is asked for', async () => {
    await build(base().copy('app/link', '/tmp/followed', { resolveSymlinks: true, forceUpload: true }), named('links'));
    expect(await inTemplate(named('links'), 'test ! -L /tmp/followed && cat /tmp/followed')).toBe('one');
  });

  it('are built from a Dockerfile', async () => {
    const dockerfile = [
      'FROM node:22',
      'ENV COLOR=blue',
      'WORKDIR /srv/app',
      'COPY app/one.txt ./',
      'RUN node -p "process.env.COLOR" > color',
    ].join('\n');
    await build(sdk.Template({ fileContextPath: context }).fromDockerfile(dockerfile), named('dockerfile'));
    expect(await inTemplate(named('dockerfile'), 'cat /srv/app/color /srv/app/one.txt; node -v')).toMatch(
      /^blue\none(v22\.)/,
    );
  });

  it('build on one another', async () => {
    await build(base().setEnvs({ OF_PARENT: 'yes' }).runCmd('echo parent > made-by'), named('parent'));
    await build(sdk.Template().fromTemplate(named('parent')).runCmd('echo child >> made-by'), named('child'));
    expect(await inTemplate(named('child'), 'cat made-by; echo $OF_PARENT')).toBe('parent\nchild\nyes\n');
  });

  it('have their start command running in each sandbox', async () => {
    const server = `/.engine/node -e 'require("http").createServer((_, a) => a.end(process.env.WHO)).listen(3000)'`;
    const template = base().setEnvs({ WHO: 'started' }).setStartCmd(server, sdk.waitForPort(3000));
    const lines = await build(template, named('start'), { skipCache: true });
    const told = lines.filter((line) => /Running start command|Waiting for template|Template is ready/.test(line));
    expect(told).toHaveLength(3);
    const sandbox = await create({ template: named('start') });
    await expect.poll(async () => (await fetch(urlOf(sandbox, 3000))).text()).toBe('started');
  });

  it('have the size that was asked for', async () => {
    await build(base().runCmd('true'), named('size'), { cpuCount: 1, memoryMB: 512 });
    const sandbox = await create({ template: named('size') });
    expect(await sandbox.getInfo()).toMatchObject({ cpuCount: 1, memoryMB: 512, name: named('size') });
  });
});
