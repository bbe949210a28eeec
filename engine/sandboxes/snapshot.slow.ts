import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Sandbox, Template, waitForFile } from 'e2b';
import { afterEach, describe, expect, it } from 'vitest';
import { TestEngine } from '../testing/engine.ts';

const DEADLINE = { timeout: 30_000, interval: 20 };

describe('snapshots of a sandbox', () => {
  let engine: TestEngine;
  const begin = async (env: Record<string, string> = {}) => {
    engine = await TestEngine.start({ env: { ENGINE_WARM_POOL: '0', ...env } });
  };
  afterEach(() => engine.dispose());

  const create = (name = 'base', options: Parameters<typeof Sandbox.create>[1] = {}) =>
    Sandbox.create(name, { ...engine.connection, timeoutMs: 120_000, ...options });
  const call = (method: string, url: string, body?: unknown) =>
    fetch(`${engine.url}${url}`, {
      method,
      headers: { 'x-api-key': engine.connection.apiKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const list = async (query = '') => {
    const answer = await call('GET', `/snapshots${query}`);
    const ids = ((await answer.json()) as { snapshotID: string }[]).map((item) => item.snapshotID);
    return { ids, next: answer.headers.get('x-next-token') };
  };
  const layers = async () =>
    (await readdir(path.join(engine.dataDir, 'layers')).catch((): string[] => [])).filter((name) => name !== 'cache');

  it('keep files, settings and the start command, and stack', async () => {
    await begin();
    const start = 'echo started >> /tmp/starts; while true; do date > /tmp/alive; sleep 0.2; done';
    const template = Template().fromTemplate('base').setEnvs({ BUILT: 'yes' }).setWorkdir('/srv/app');
    await Template.build(template.setStartCmd(start, waitForFile('/tmp/alive')), 'source', engine.connection);
    const source = await create('source', { envs: { MINE: 'kept' } });
    await source.commands.run(
      'rm /etc/debian_version; rm -r /usr/share/doc; mkdir /usr/share/doc; echo 1 > /root/one',
      {
        user: 'root',
      },
    );
    await source.commands.run(
      'cd; echo a > file; ln file twin; ln -s file soft; touch -d @1000000000 old; chmod 4711 twin',
    );
    const first = await source.createSnapshot();
    expect(first).toMatchObject({ snapshotId: expect.stringMatching(/^[a-z0-9]+:default$/), names: [] });

    const copy = await create(first.snapshotId);
    expect((await copy.getInfo()).templateId).toBe(first.snapshotId.split(':')[0]);
    const seen = await copy.commands.run(
      'pwd; echo $BUILT $MINE; cd; readlink soft; stat -c "%h %a %U" twin; stat -c %Y old; ls /usr/share/doc | wc -l',
    );
    expect(seen.stdout).toBe('/srv/app\nyes kept\nfile\n2 4711 user\n1000000000\n0\n');
    expect(await copy.files.exists('/etc/debian_version')).toBe(false);
    await expect.poll(async () => (await copy.files.read('/tmp/starts')).split('\n').length, DEADLINE).toBe(4);

    // A deleted file comes back only when it is written again, and one more layer holds it.
    await copy.commands.run('echo again > /etc/debian_version; rm /root/one; echo 2 > /root/two', { user: 'root' });
    const second = await copy.createSnapshot({ name: 'Stacked:v1' });
    expect(second).toMatchObject({ snapshotId: 'stacked:v1', names: ['stacked'] });
    await Promise.all([source.kill(), copy.kill()]);
    expect(await Sandbox.deleteSnapshot(first.snapshotId, engine.connection)).toBe(true);
    expect(await Sandbox.deleteSnapshot(first.snapshotId, engine.connection)).toBe(false);
    await expect(create(first.snapshotId)).rejects.toThrow(/404/);

    const third = await create('stacked:v1');
    const files = await third.commands.run('cat /etc/debian_version /root/two; ls /root /home/user', { user: 'root' });
    expect(files.stdout).toBe('again\n2\n/home/user:\nfile\nold\nsoft\ntwin\n\n/root:\ntwo\n');
    expect(await Sandbox.deleteSnapshot('stacked', engine.connection)).toBe(true);
    // A sandbox stands on what nothing else does any more.
    await third.pause({ keepMemory: false });
    await third.connect();
    expect(await third.files.read('/home/user/file')).toBe('a\n');
    await third.kill();
  });

  it('are listed newest first, by sandbox, name and tag, in pages', async () => {
    await begin();
    const [one, two] = [await create(), await create()];
    const ids: string[] = [];
    for (const [sandbox, name] of [
      [one, undefined],
      [one, 'named'],
      [two, 'other:v1'],
      [two, 'other:v2'],
    ] as const) {
      ids.push((await sandbox.createSnapshot(name === undefined ? {} : { name })).snapshotId);
    }
    const [unnamed = '', named = ''] = ids;
    expect(ids.slice(1)).toEqual(['named:default', 'other:v1', 'other:v2']);
    expect((await list()).ids).toEqual(['other:v2', named, unnamed]);
    expect((await list(`?sandboxID=${one.sandboxId}`)).ids).toEqual([named, unnamed]);
    expect((await list('?name=other')).ids).toEqual(['other:v2']);
    expect((await list('?name=other:v1')).ids).toEqual(['other:v1']);
    expect((await list('?name=other:default')).ids).toEqual([]);
    expect((await list(`?name=${unnamed.split(':')[0]}`)).ids).toEqual([unnamed]);
    expect((await list('?name=missing')).ids).toEqual([]);
    const page = await list('?limit=2');
    expect(page.ids).toEqual(['other:v2', named]);
    expect(await list(`?limit=2&nextToken=${page.next}`)).toEqual({ ids: [unnamed], next: null });
    expect((await call('GET', '/snapshots?nextToken=nonsense')).status).toBe(400);
    expect((await call('GET', '/snapshots?limit=0')).status).toBe(400);

    // The same name means the newest one at once.
    await one.files.write('late.txt', 'late');
    await one.createSnapshot({ name: 'named' });
    expect(await (await create('named')).files.read('late.txt')).toBe('late');
    expect((await list('?name=named')).ids).toEqual(['named:default']);
  });

  it('are taken of paused sandboxes too, and change nothing about them', async () => {
    await begin();
    const source = await create();
    await source.files.write('note.txt', 'kept');
    const { pid } = await source.commands.run('sleep 1000', { background: true });
    await source.pause();
    const frozen = await source.createSnapshot();
    expect((await source.getInfo()).state).toBe('paused');
    expect(await (await create(frozen.snapshotId)).files.read('note.txt')).toBe('kept');
    await source.connect();
    expect((await source.commands.list()).map((entry) => entry.pid)).toContain(pid);
    await source.pause({ keepMemory: false });
    const stopped = await source.createSnapshot();
    expect(await (await create(stopped.snapshotId)).files.read('note.txt')).toBe('kept');
    await source.connect();
    expect(await source.files.read('note.txt')).toBe('kept');
  });

  it('are refused with a reason', async () => {
    await begin();
    const source = await create();
    const answer = async (id: string, body: unknown) => {
      const response = await call('POST', `/sandboxes/${id}/snapshots`, body);
      return [response.status, ((await response.json()) as { message: string }).message];
    };
    expect(await answer('nosuchsandbox', {})).toEqual([404, expect.any(String)]);
    expect(await answer(source.sandboxId, { name: 'no good' })).toEqual([400, expect.stringContaining('no good')]);
    expect(await answer(source.sandboxId, { name: 'base' })).toEqual([400, expect.stringContaining('replaced')]);
    expect(await answer(source.sandboxId, { memory: true })).toEqual([400, expect.stringContaining('disk only')]);
    const both = await Promise.all([1, 2].map(() => call('POST', `/sandboxes/${source.sandboxId}/snapshots`, {})));
    expect(both.map((response) => response.status).toSorted()).toEqual([201, 409]);
    expect((await list()).ids).toHaveLength(1);
  });

  it('leave nothing when the engine is killed half-way, and their source goes on', async () => {
    await begin();
    const source = await create();
    await source.commands.run('head -c 300000000 /dev/urandom > big; sync big');
    for (const moment of [/\.tmp$/, /^[0-9a-f]{16}$/]) {
      const before = await layers();
      const taking = source.createSnapshot().catch(() => null);
      const reached = async () => (await layers()).some((name) => moment.test(name) && !before.includes(name));
      await expect.poll(reached, { timeout: 60_000, interval: 1 }).toBe(true);
      await engine.end('SIGKILL');
      await taking;
      await engine.launch();
      expect((await source.commands.run('wc -c < big; echo more > after; sync after; cat after')).stdout).toBe(
        '300000000\nmore\n',
      );
      expect(await layers()).toHaveLength((await list()).ids.length);
    }
    await source.kill();
    const remains = async () =>
      (await engine.remains()).filter((line) => /^(mount|loop device|link|process)/.test(line));
    await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
  });
});
