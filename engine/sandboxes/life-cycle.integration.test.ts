import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { NotFoundError, Sandbox, SandboxNotFoundError } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestEngine } from '../testing/engine.ts';

describe('the life cycle of a sandbox, through the SDK', () => {
  let engine: TestEngine;
  const create = (options: Parameters<typeof Sandbox.create>[1] = {}) =>
    Sandbox.create('base', { ...engine.connection, timeoutMs: 120_000, ...options });

  /** Statuses of two calls that the engine reads at once; of two connections one may come after the other is answered. */
  async function pauseTwice(id: string): Promise<string[]> {
    const socket = connect(engine.port, '127.0.0.1');
    const call = (connection: string) =>
      `POST /sandboxes/${id}/pause HTTP/1.1\r\nHost: engine\r\nX-API-Key: ${engine.connection.apiKey}\r\n` +
      `Content-Length: 0\r\nConnection: ${connection}\r\n\r\n`;
    socket.write(call('keep-alive') + call('close'));
    return [...(await text(socket)).matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status ?? '');
  }

  beforeAll(async () => {
    engine = await TestEngine.start();
  });
  afterAll(() => engine.dispose());

  it('creates, runs a command with the environment of create, kills', async () => {
    const sandbox = await create({ envs: { GREETING: 'hello' }, metadata: { owner: 'a b', ключ: '1&2=3' } });
    const result = await sandbox.commands.run('echo $GREETING; id -un; sudo id -u; hostname');
    expect(result.stdout).toBe(`hello\nuser\n0\n${sandbox.sandboxId}\n`);
    const info = await sandbox.getInfo();
    expect(info).toMatchObject({ state: 'running', metadata: { owner: 'a b', ключ: '1&2=3' } });
    expect(await sandbox.kill()).toBe(true);
    expect(await Sandbox.kill(sandbox.sandboxId, engine.connection)).toBe(false);
    await expect(Sandbox.getInfo(sandbox.sandboxId, engine.connection)).rejects.toThrow(SandboxNotFoundError);
    expect(await sandbox.isRunning()).toBe(false);
  });

  it('refuses what it cannot do with the right class of error', async () => {
    await expect(Sandbox.create('no-such-template', engine.connection)).rejects.toThrow(/^404: .*not found/);
    await expect(Sandbox.create('base', { ...engine.connection, apiKey: `e2b_${'0'.repeat(40)}` })).rejects.toThrow(
      /401|API key/,
    );
    await expect(Sandbox.connect('doesnotexist', engine.connection)).rejects.toThrow(NotFoundError);
    await expect(Sandbox.setTimeout('doesnotexist', 1000, engine.connection)).rejects.toThrow(SandboxNotFoundError);
    await expect(create({ timeoutMs: -1000 })).rejects.toThrow(/400/);
  });

  it('lists by metadata and state, newest first, in pages', async () => {
    const owner = { owner: 'list & page' };
    const first = await create({ metadata: owner });
    const second = await create({ metadata: owner });
    const third = await create({ metadata: { owner: 'other' } });
    await first.pause();
    const list = (query: object, limit?: number) =>
      Sandbox.list({ ...engine.connection, query, ...(limit ? { limit } : {}) });

    const all = await list({ metadata: owner }).nextItems();
    expect(all.map((item) => item.sandboxId)).toEqual([second.sandboxId, first.sandboxId]);
    const paused = await list({ metadata: owner, state: ['paused'] }).nextItems();
    expect(paused.map((item) => item.sandboxId)).toEqual([first.sandboxId]);

    const pages = list({}, 1);
    const seen: string[] = [];
    while (pages.hasNext) seen.push(...(await pages.nextItems()).map((item) => item.sandboxId));
    expect(seen).toEqual([third.sandboxId, second.sandboxId, first.sandboxId]);
    await Promise.all([first.kill(), second.kill(), third.kill()]);
  });

  it('keeps processes and files over pause and resume', async () => {
    const sandbox = await create({ lifecycle: { onTimeout: 'pause' } });
    await sandbox.commands.run('i=0; while true; do i=$((i+1)); echo $i > /tmp/counter; sleep 0.02; done', {
      background: true,
    });
    await sandbox.files.write('note.txt', 'kept');
    expect(await sandbox.pause()).toBe(true);
    expect(await sandbox.pause()).toBe(false);
    expect((await sandbox.getInfo()).state).toBe('paused');
    expect(await sandbox.isRunning()).toBe(false);

    const again = await Sandbox.connect(sandbox.sandboxId, { ...engine.connection, timeoutMs: 90_000 });
    expect(await again.files.read('note.txt')).toBe('kept');
    const before = Number(await again.files.read('/tmp/counter'));
    await expect.poll(async () => Number(await again.files.read('/tmp/counter'))).toBeGreaterThan(before);
    await again.kill();
  });

  it('starts from the disk when only that was kept', async () => {
    const sandbox = await create({ lifecycle: { onTimeout: 'pause' } });
    await sandbox.commands.run('sleep 300', { background: true });
    await sandbox.files.write('note.txt', 'kept');
    await sandbox.pause({ keepMemory: false });
    const again = await Sandbox.connect(sandbox.sandboxId, engine.connection);
    expect(await again.files.read('note.txt')).toBe('kept');
    expect((await again.commands.list()).filter((entry) => entry.args.includes('sleep 300'))).toEqual([]);
    await again.kill();
  });

  it('times out into a pause or a kill, and connect only ever extends', async () => {
    const paused = await create({ lifecycle: { onTimeout: 'pause' } });
    const killed = await create();
    const { endAt } = await paused.getInfo();
    await Sandbox.connect(paused.sandboxId, { ...engine.connection, timeoutMs: 1000 });
    expect((await paused.getInfo()).endAt).toEqual(endAt);
    await paused.setTimeout(1000);
    await killed.setTimeout(1000);
    await expect.poll(async () => (await paused.getInfo()).state, { timeout: 5000 }).toBe('paused');
    await expect
      .poll(() => killed.getInfo().catch((error: Error) => error.name), { timeout: 5000 })
      .toBe('SandboxNotFoundError');
    await paused.kill();
  });

  it('gives one outcome to two callers at once', async () => {
    const sandbox = await create({ lifecycle: { onTimeout: 'pause' } });
    expect(await pauseTwice(sandbox.sandboxId)).toEqual(['204', '204']);
    expect(await sandbox.pause()).toBe(false);
    const both = await Promise.all([1, 2].map(() => Sandbox.connect(sandbox.sandboxId, engine.connection)));
    expect(await both[0]?.isRunning()).toBe(true);
    await Promise.all([sandbox.kill(), sandbox.kill()]);
    expect(await Sandbox.list(engine.connection).nextItems()).toEqual([]);
  });

  it('lists nobody who is not found any more', async () => {
    const sandboxes = await Promise.all([create(), create(), create()]);
    const killing = Promise.all(sandboxes.map((sandbox) => sandbox.kill()));
    const isGone = (sandbox: Sandbox) =>
      Sandbox.getInfo(sandbox.sandboxId, engine.connection).then(
        () => false,
        () => true,
      );
    for (let gone: Sandbox[] = []; gone.length < sandboxes.length;) {
      const answers = await Promise.all(sandboxes.map(isGone));
      gone = sandboxes.filter((_, index) => answers[index]);
      const listed = (await Sandbox.list(engine.connection).nextItems()).map((item) => item.sandboxId);
      for (const { sandboxId } of gone) expect(listed).not.toContain(sandboxId);
    }
    await killing;
  });

  it('leaves nothing of killed sandboxes behind', async () => {
    const remains = async () =>
      (await engine.remains()).filter((line) => /^(mount|loop device|link|process)/.test(line));
    await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
  });
});
