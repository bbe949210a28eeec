import { expect, it } from 'vitest';
import { inCrossedSettings } from './support/settings.ts';

inCrossedSettings('template builds', ({ sdk, version, transport, connection }) => {
  const named = (name: string) => `${name}-${version.replace('.', '-')}-${transport}`;
  const base = () => sdk.Template().fromTemplate('base');

  it('tell what happens while it happens', async () => {
    const entries: { message: string; level: string; timestamp: Date }[] = [];
    const info = await sdk.Template.build(base().runCmd('echo to stdout; echo to stderr >&2'), named('logs'), {
      ...connection,
      skipCache: true,
      onBuildLogs: (entry) => void entries.push(entry),
    });
    expect(info).toMatchObject({ name: named('logs'), templateId: expect.any(String), buildId: expect.any(String) });
    const text = entries.map(({ message }) => message).join('\n');
    expect(text).toMatch(/RUN echo to stdout/);
    expect(text).toMatch(/\[stdout\]: to stdout/);
    expect(text).toMatch(/\[stderr\]: to stderr/);
    for (const { timestamp } of entries) expect(timestamp.getTime()).toBeGreaterThan(Date.now() - 120_000);
  });

  it('give hundreds of lines whole and in order', async () => {
    const lines: string[] = [];
    const onBuildLogs = ({ message }: { message: string }) => void lines.push(message);
    const template = base().runCmd('seq -f "line %g" 350');
    await sdk.Template.build(template, named('many-lines'), { ...connection, skipCache: true, onBuildLogs });
    const numbers = lines.flatMap((line) => /\[stdout\]: line (\d+)$/.exec(line)?.[1] ?? []);
    expect(numbers).toEqual(Array.from({ length: 350 }, (_, index) => String(index + 1)));
  });

  it('run in the background and are asked for', async () => {
    const info = await sdk.Template.buildInBackground(base().runCmd('sleep 1; echo done'), named('background'), {
      ...connection,
      skipCache: true,
    });
    const status = () => sdk.Template.getBuildStatus(info, connection);
    expect(['waiting', 'building']).toContain((await status()).status);
    await expect.poll(async () => (await status()).status, { timeout: 60_000 }).toBe('ready');
    const { logEntries } = await status();
    expect(logEntries.some(({ message }) => message.endsWith('[stdout]: done'))).toBe(true);
    const rest = await sdk.Template.getBuildStatus(info, { ...connection, logsOffset: logEntries.length });
    expect(rest.logEntries).toEqual([]);
  });

  it('fail with the command, its output and the step', async () => {
    const template = base().runCmd('true').runCmd('echo no luck >&2; exit 7');
    await expect(sdk.Template.build(template, named('failing'), connection)).rejects.toThrow(sdk.BuildError);
    const info = await sdk.Template.buildInBackground(template, named('failing'), connection);
    const status = () => sdk.Template.getBuildStatus(info, connection);
    await expect.poll(async () => (await status()).status, { timeout: 60_000 }).toBe('error');
    const { reason } = await status();
    expect(reason).toMatchObject({ step: '2', message: expect.stringContaining('exit status 7') });
    expect(reason?.message).toContain("failed to run command 'echo no luck >&2; exit 7'");
    expect(await sdk.Template.exists(named('failing'), connection)).toBe(false);
  });

  it('fail for a user that is not there', async () => {
    const template = base().runCmd('whoami', { user: 'nobody-here' });
    await expect(sdk.Template.build(template, named('no-user'), connection)).rejects.toThrow(
      "failed to run command 'whoami': command failed: unauthenticated: invalid username: 'nobody-here'",
    );
  });

  it('fail on a base that is not there', async () => {
    const missing = sdk.Template().fromTemplate('no-such-parent').runCmd('true');
    await expect(sdk.Template.build(missing, named('orphan'), connection)).rejects.toThrow(
      /'no-such-parent' not found/,
    );
    const image = sdk.Template().fromImage('registry.invalid/none:latest').runCmd('true');
    await expect(sdk.Template.build(image, named('orphan'), connection)).rejects.toThrow(/registry.invalid\/none/);
  });

  it('exist by name once one is ready', async () => {
    expect(await sdk.Template.exists('base', connection)).toBe(true);
    expect(await sdk.Template.exists(named('unheard-of'), connection)).toBe(false);
    await sdk.Template.build(base().runCmd('true'), named('heard-of'), connection);
    expect(await sdk.Template.exists(named('heard-of'), connection)).toBe(true);
  });

  it('have tags, which can be set, listed and removed', async () => {
    const name = named('tagged');
    const first = await sdk.Template.build(base().runCmd('echo 1 > /tmp/n'), `${name}:v1`, connection);
    expect(first.tags).toEqual(['v1']);
    const second = await sdk.Template.build(base().runCmd('echo 2 > /tmp/n'), name, {
      ...connection,
      tags: ['v2', 'new'],
    });
    expect(second.templateId).toBe(first.templateId);
    const numberOf = async (tag: string) => {
      const sandbox = await sdk.Sandbox.create(`${name}:${tag}`, connection);
      const { stdout } = await sandbox.commands.run('cat /tmp/n');
      await sandbox.kill();
      return stdout.trim();
    };
    expect([await numberOf('v1'), await numberOf('new')]).toEqual(['1', '2']);

    expect(await sdk.Template.assignTags(`${name}:v1`, ['stable', 'old'], connection)).toMatchObject({
      buildId: first.buildId,
      tags: expect.arrayContaining(['stable', 'old']),
    });
    expect(await numberOf('stable')).toBe('1');
    const tags = await sdk.Template.getTags(first.templateId, connection);
    expect(tags.map(({ tag }) => tag).sort()).toEqual(['new', 'old', 'stable', 'v1', 'v2']);
    expect(tags.find(({ tag }) => tag === 'old')).toMatchObject({
      buildId: first.buildId,
      createdAt: expect.any(Date),
    });
    await sdk.Template.removeTags(name, ['old', 'v2'], connection);
    await expect(numberOf('old')).rejects.toThrow(/404/);
    await expect(sdk.Template.assignTags(`${name}:none`, 'x', connection)).rejects.toThrow(/404/);
  });
});
