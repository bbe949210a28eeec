import { Sandbox, Template, waitForFile } from 'e2b';
import { afterEach, describe, expect, it } from 'vitest';
import { createCgroups } from '../runtime/cgroup.ts';
import { TestEngine } from '../testing/engine.ts';

const DEADLINE = { timeout: 30_000, interval: 20 };

describe('hibernated sandboxes', () => {
  let engine: TestEngine;
  const begin = async (env: Record<string, string> = {}) => {
    engine = await TestEngine.start({ env: { ENGINE_WARM_POOL: '0', ...env } });
  };
  afterEach(() => engine.dispose());

  const create = (name = 'base', options: Parameters<typeof Sandbox.create>[1] = {}) =>
    Sandbox.create(name, { ...engine.connection, timeoutMs: 120_000, ...options });
  const call = async (method: string, url: string, body?: unknown) => {
    const answer = await fetch(`${engine.url}${url}`, {
      method,
      headers: { 'x-api-key': engine.connection.apiKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as Record<string, unknown> };
  };
  const detail = async (sandbox: Sandbox) => (await call('GET', `/sandboxes/${sandbox.sandboxId}`)).body;
  const logged = async (text: string) => (await engine.log()).split(text).length - 1;

  it('give their room to creates and resumes, the longest-paused first, and lose no file', async () => {
    await begin({ ENGINE_MAX_RUNNING: '2' });
    const start =
      'trap "echo bye >> /tmp/log; sync; exit" TERM; echo hello >> /tmp/log; while true; do sleep 0.05; done';
    await Template.build(
      Template().fromTemplate('base').setStartCmd(start, waitForFile('/tmp/log')),
      'talking',
      engine.connection,
    );
    const sandboxes: Sandbox[] = [];
    for (let index = 0; index < 5; index += 1) {
      const sandbox = await create('talking', { lifecycle: { onTimeout: 'pause', autoResume: true } });
      await sandbox.files.write('/tmp/log', 'made\n');
      await sandbox.files.write('note.txt', `number ${index}`);
      await sandbox.pause();
      expect(await detail(sandbox)).toMatchObject({ state: 'paused', memory: 'kept' });
      sandboxes.push(sandbox);
    }
    const [first, , , , last] = sandboxes;
    if (first === undefined || last === undefined) throw new Error('no sandboxes');
    expect(await detail(first)).toMatchObject({ memory: 'none', hibernatedAt: expect.any(String) });
    expect(await detail(last)).toMatchObject({ memory: 'kept' });
    const listed = (await call('GET', '/v2/sandboxes?state=paused')).body as unknown as { memory: string }[];
    expect(listed.map((item) => item.memory)).toEqual(['kept', 'kept', 'none', 'none', 'none']);

    for (const [index, sandbox] of sandboxes.entries()) {
      await Sandbox.connect(sandbox.sandboxId, engine.connection);
      expect(await sandbox.files.read('note.txt')).toBe(`number ${index}`);
      // It was told to end and could write that down; then its start command ran again.
      await expect.poll(() => sandbox.files.read('/tmp/log'), DEADLINE).toBe('made\nbye\nhello\n');
      const info = await detail(sandbox);
      expect([info.state, 'memory' in info]).toEqual(['running', false]);
      await sandbox.pause();
    }
    expect(await logged('sandbox hibernated')).toBeGreaterThanOrEqual(8);

    // Two that run give nothing.
    const both = [await create(), await create()];
    const refused = await call('POST', `/sandboxes/${first.sandboxId}/resume`, {});
    expect(refused).toMatchObject({ status: 503, body: { code: 503 } });
    expect(await detail(first)).toMatchObject({ state: 'paused', memory: 'none' });
    await both[0]?.kill();
    expect((await call('POST', `/sandboxes/${first.sandboxId}/resume`, {})).status).toBe(201);
  });

  it('are told from those that go on where they stood', async () => {
    await begin({ ENGINE_HIBERNATE_AFTER_SECONDS: '1' });
    const sandbox = await create('base', { lifecycle: { onTimeout: 'pause', autoResume: true } });
    const resume = (body: unknown) => call('POST', `/sandboxes/${sandbox.sandboxId}/resume`, body);
    await sandbox.pause();
    expect((await resume({ memory: true })).status).toBe(201);
    await sandbox.pause();
    await expect.poll(() => detail(sandbox), DEADLINE).toMatchObject({ state: 'paused', memory: 'none' });
    const connect = `/sandboxes/${sandbox.sandboxId}/connect`;
    for (const answer of [await resume({ memory: true }), await call('POST', connect, { timeout: 60, memory: true })])
      expect(answer).toMatchObject({ status: 409, body: { message: expect.stringContaining('was not kept') } });
    expect((await detail(sandbox)).state).toBe('paused');
    // Who says nothing about memory gets the sandbox.
    expect((await resume({ timeout: 60 })).status).toBe(201);
    await sandbox.pause();
    await expect.poll(() => detail(sandbox), DEADLINE).toMatchObject({ memory: 'none' });
    // Traffic wakes it as before, since it was paused with its memory.
    const traffic = () =>
      fetch(engine.url, { headers: { 'e2b-sandbox-id': sandbox.sandboxId, 'e2b-sandbox-port': '8000' } });
    await traffic();
    await expect.poll(async () => (await detail(sandbox)).state, DEADLINE).toBe('running');
    await sandbox.pause({ keepMemory: false });
    expect(await detail(sandbox)).toMatchObject({ memory: 'none' });
    expect((await traffic()).status).toBe(502);
    expect((await detail(sandbox)).state).toBe('paused');
  });

  it('are refused the combinations that E2B refuses', async () => {
    await begin();
    const answer = (body: object) => call('POST', '/sandboxes', { templateID: 'base', ...body });
    expect(await answer({ autoPauseMemory: false })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('only applies when autoPause is true') },
    });
    expect(await answer({ autoPause: true, autoPauseMemory: false, autoResume: { enabled: true } })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('cannot be combined with autoResume') },
    });
  });

  it('are whole when the engine is killed while it stops them', async () => {
    await begin({ ENGINE_HIBERNATE_AFTER_SECONDS: '1' });
    const sandbox = await create();
    // It takes its time to end: the kill comes in between.
    await sandbox.commands.run('trap "date >> stopping" TERM; while true; do sleep 0.05; done', { background: true });
    await sandbox.files.write('note.txt', 'kept');
    await sandbox.pause();
    const cgroup = `/shmastra-${engine.instance}/${sandbox.sandboxId}`;
    await expect.poll(() => createCgroups().isFrozen(cgroup), { ...DEADLINE, interval: 1 }).toBe(false);
    await engine.end('SIGKILL');
    await engine.launch({ ENGINE_HIBERNATE_AFTER_SECONDS: '0' });
    // Some of its processes are gone: the others are of no use.
    expect(await detail(sandbox)).toMatchObject({ state: 'paused', memory: 'none' });
    await sandbox.connect();
    expect(await sandbox.files.read('note.txt')).toBe('kept');
    await sandbox.kill();
    const remains = async () =>
      (await engine.remains()).filter((line) => /^(mount|loop device|link|process)/.test(line));
    await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
  });
});
