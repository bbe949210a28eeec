import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatClient, dataOf, textOf } from '../testing/chat-client.ts';
import { copyProject } from '../testing/project.ts';
import { RecordingGateway } from '../testing/recording-gateway.ts';
import { RunningRunner } from '../testing/running-runner.ts';
import { installTools } from '../testing/tools.ts';

let project: Awaited<ReturnType<typeof copyProject>>;
let gateway: RecordingGateway;
let runner: RunningRunner;
let chat: ChatClient;

const git = async (...args: string[]) =>
  (
    await promisify(execFile)('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], {
      cwd: project.projectDir,
    })
  ).stdout.trim();

beforeAll(async () => {
  const tools = await installTools();
  project = await copyProject(tools);
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Start');
  gateway = await RecordingGateway.start();
  runner = await RunningRunner.start(tools, project.projectDir, { environment: false });
  await runner.writeEnvironment(gateway.environment);
  await runner.until(({ state }) => state === 'ready');
  chat = new ChatClient(runner);
});
afterAll(async () => {
  await runner?.stop();
  await gateway?.close();
  await project?.remove();
});

describe('the coding agent', () => {
  it('says what there is, in which version', async () => {
    const { status, body } = await chat.send('GET', '/info');
    expect(status).toBe(200);
    expect(body).toMatchObject({ api: 1, demo: false, defaultTier: 'general', limits: { attachments: 10 } });
    const other = await runner.send('GET', '/__shmastra/v1/info', undefined, undefined, { 'x-shmastra-chat': '9' });
    expect(other.status).toBe(426);
    expect(JSON.parse(other.body)).toMatchObject({ error: { code: 'version_not_spoken', versions: [1] } });
    expect((await runner.send('GET', '/__shmastra/v1/info', undefined, '')).status).toBe(401);
  });

  it('creates an agent that is committed and live at the end', async () => {
    const session = await chat.createSession();
    const chunks = await chat.ask(session, 'create an agent that says hello');
    expect(dataOf(chunks, 'check').at(-1)).toMatchObject({ ok: true });
    expect(dataOf(chunks, 'diff').map(({ file }) => file)).toEqual(
      expect.arrayContaining(['src/mastra/agents/hello.ts']),
    );
    const [commit] = dataOf(chunks, 'commit');
    expect(commit).toMatchObject({
      kind: 'change',
      by: 'agent',
      sessionId: session,
      open: { path: '/studio/agents/hello/threads/new' },
    });
    expect(commit?.live).toMatchObject({ ms: expect.any(Number) as number });
    expect(dataOf(chunks, 'turn').at(-1)).toMatchObject({ state: 'done' });
    expect(JSON.parse((await runner.get('/api/agents')).body)).toHaveProperty('hello');
    expect(await git('rev-parse', 'HEAD')).toBe(commit?.hash);
    // It has tried the agent out.
    expect(chunks).toContainEqual(
      expect.objectContaining({
        type: 'tool-output-available',
        output: expect.objectContaining({ text: expect.any(String) as string }) as object,
      }),
    );
    const { body } = await chat.send('GET', `/sessions/${session}`);
    expect(body).toMatchObject({
      session: { title: 'create an agent that says hello', running: false },
      messages: [{ role: 'user' }, { role: 'assistant' }],
      running: null,
    });
    expect(JSON.stringify(body)).toContain('data-commit');
  });

  it('remembers the chat', async () => {
    const session = await chat.createSession();
    await chat.ask(session, 'Hello');
    gateway.bodies.length = 0;
    await chat.ask(session, 'What can you do?');
    expect(gateway.bodies[0]).toContain('Demo model: hello');
    // An edited question takes the place of the one before, and of all that followed.
    const { userMessageId, turnId } = await chat.startTurn(session, 'Hi');
    for await (const _event of chat.stream(session, turnId)) {
      // To its end.
    }
    await chat.ask(session, 'Hello again', { replaces: userMessageId });
    const { body } = await chat.send('GET', `/sessions/${session}`);
    const texts = (body as { messages: { role: string; parts: { text?: string }[] }[] }).messages
      .filter(({ role }) => role === 'user')
      .map(({ parts }) => parts[0]?.text);
    expect(texts).toEqual(['Hello', 'What can you do?', 'Hello again']);
  });

  it('lets two readers see one turn, and others come later', async () => {
    const session = await chat.createSession();
    const { turnId } = await chat.startTurn(session, 'create an agent that tells jokes');
    const read = async (after: number) => {
      const events = [];
      for await (const event of chat.stream(session, turnId, after)) events.push(event);
      return events;
    };
    const [first, second] = await Promise.all([read(0), read(0)]);
    expect(second).toEqual(first);
    expect(first.map(({ sequence }) => sequence)).toEqual(first.map((_event, index) => index + 1));
    expect(await read(first.length - 3)).toEqual(first.slice(-3));
  });

  it('starts a turn once for the same client id', async () => {
    const session = await chat.createSession();
    const clientId = randomUUID();
    const [one, two] = [
      await chat.startTurn(session, 'Hello', { clientId }),
      await chat.startTurn(session, 'Hello', { clientId }),
    ];
    expect(two).toEqual(one);
    for await (const _event of chat.stream(session, one.turnId)) {
      // To its end.
    }
    expect(await chat.startTurn(session, 'Hello', { clientId })).toEqual(one);
  });

  it('asks a question and goes on with the answer; meanwhile no other turn starts', async () => {
    const session = await chat.createSession();
    const { turnId } = await chat.startTurn(
      session,
      'Ask me which tone to use, then create an agent that greets people',
    );
    const chunks = [];
    for await (const { chunk } of chat.stream(session, turnId)) {
      chunks.push(chunk);
      const [question] = dataOf([chunk], 'question');
      if (question?.state !== 'open') continue;
      const refused = await chat.send('POST', `/sessions/${session}/turns`, { clientId: randomUUID(), text: 'Hi' });
      expect(refused).toMatchObject({
        status: 409,
        body: { error: { code: 'turn_running', sessionId: session, turnId } },
      });
      const answered = await chat.send('POST', `/sessions/${session}/questions/${String(question.id)}`, {
        answer: ['Formal'],
      });
      expect(answered.status).toBe(202);
      const again = await chat.send('POST', `/sessions/${session}/questions/${String(question.id)}`, {
        answer: ['Formal'],
      });
      expect(again).toMatchObject({ status: 409, body: { error: { code: 'not_asked' } } });
    }
    expect(dataOf(chunks, 'question').at(-1)).toMatchObject({ state: 'answered', answer: ['Formal'] });
    expect(dataOf(chunks, 'turn').map(({ state }) => state)).toContain('asking');
    expect(dataOf(chunks, 'commit')).toHaveLength(1);
  });

  it('writes keys into .env, which the model and the log never see', async () => {
    const session = await chat.createSession();
    const { turnId } = await chat.startTurn(session, 'Connect to Acme, it needs a key');
    const value = `it's "secret" ${randomUUID()}`;
    gateway.bodies.length = 0;
    const chunks = [];
    for await (const { chunk } of chat.stream(session, turnId)) {
      chunks.push(chunk);
      const [asked] = dataOf([chunk], 'env');
      if (asked?.state === 'open')
        await chat.send('POST', `/sessions/${session}/env/${String(asked.id)}`, {
          values: { ACME_API_KEY: value, PATH: '/x' },
        });
    }
    expect(dataOf(chunks, 'env').at(-1)).toMatchObject({ state: 'saved', saved: 1 });
    const file = join(project.projectDir, '.env');
    expect(await readFile(file, 'utf8')).toBe(`ACME_API_KEY=\`${value}\`\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(join(project.projectDir, '.env.example'), 'utf8')).toContain('\nACME_API_KEY=\n');
    const shown = await chat.ask(session, 'Show me the file .env');
    for (const text of [...gateway.bodies, ...runner.output, JSON.stringify([...chunks, ...shown])])
      expect(text).not.toContain(value);
    expect(await git('status', '--short')).toBe('');
  });

  it('stops when it is told to, and keeps what was done', async () => {
    const session = await chat.createSession();
    const { turnId } = await chat.startTurn(session, 'Ask me which language to use, then create an agent');
    const chunks = [];
    for await (const { chunk } of chat.stream(session, turnId)) {
      chunks.push(chunk);
      if (dataOf([chunk], 'question')[0]?.state !== 'open') continue;
      await writeFile(join(project.projectDir, 'src/mastra/half.ts'), 'export const half = 1;\n');
      expect((await chat.send('POST', `/sessions/${session}/stop`)).status).toBe(202);
    }
    expect(dataOf(chunks, 'notice')).toMatchObject([{ kind: 'stopped' }]);
    expect(dataOf(chunks, 'turn').at(-1)).toMatchObject({ state: 'stopped' });
    expect(dataOf(chunks, 'commit')).toMatchObject([{ kind: 'edits', by: 'agent', live: null }]);
    expect(await git('log', '-1', '--format=%s')).toContain('stopped');
    expect((await chat.send('POST', `/sessions/${session}/stop`)).status).toBe(409);
  });

  it.each([
    ['a dead provider', { status: 503, body: {} }, 'provider', false],
    [
      'a rate limit',
      {
        status: 429,
        headers: { 'retry-after': '40' },
        body: { error: { message: 'slow down', code: 'rate_limit_exceeded' } },
      },
      'rate_limit',
      true,
    ],
    [
      'a spent budget',
      {
        status: 429,
        headers: { 'retry-after': '3600' },
        body: { error: { message: 'spent', code: 'budget_exceeded' } },
      },
      'budget',
      true,
    ],
    ['a revoked key', { status: 401, body: { error: { message: 'no', code: 'invalid_api_key' } } }, 'provider', false],
  ])('tells about %s', async (_name, refusal, kind, retry) => {
    const session = await chat.createSession();
    gateway.refusal = refusal;
    try {
      const started = performance.now();
      const chunks = await chat.ask(session, 'Hello');
      expect(dataOf(chunks, 'notice')).toMatchObject([{ kind }]);
      expect(dataOf(chunks, 'notice')[0]?.retryAt !== undefined).toBe(retry);
      expect(dataOf(chunks, 'turn').at(-1)).toMatchObject({ state: 'failed' });
      expect(performance.now() - started).toBeLessThan(20_000);
    } finally {
      gateway.refusal = undefined;
    }
    expect(textOf(await chat.ask(session, 'Hello'))).toContain('Demo model');
  });

  it('changes nothing in the middle of a merge, and says so', async () => {
    await git('checkout', '--quiet', '-b', 'other');
    await writeFile(join(project.projectDir, 'README.md'), 'other\n');
    await git('commit', '--quiet', '--all', '--message', 'Other');
    await git('checkout', '--quiet', '-');
    await writeFile(join(project.projectDir, 'README.md'), 'this\n');
    await git('commit', '--quiet', '--all', '--message', 'This');
    await git('merge', 'other').catch(() => {});
    const head = await git('rev-parse', 'HEAD');
    const session = await chat.createSession();
    const chunks = await chat.ask(session, 'create an agent that sings');
    expect(dataOf(chunks, 'notice')[0]?.message).toContain('in the middle of a merge');
    expect(dataOf(chunks, 'commit')).toEqual([]);
    expect(await git('rev-parse', 'HEAD')).toBe(head);
    expect(await git('status', '--short')).toBe('UU README.md');
    await git('merge', '--abort');
  });

  it('refuses what is too large or cannot be read', async () => {
    const send = (name: string, body: string) => runner.send('POST', `/__shmastra/v1/attachments?name=${name}`, body);
    expect((await send('big.txt', 'x'.repeat(100 * 1024 * 1024))).status).toBe(413);
    expect(JSON.parse((await send('a.bin', '\0\0')).body)).toMatchObject({ error: { code: 'attachment_unreadable' } });
    const long = await chat.send('POST', `/sessions/${await chat.createSession()}/turns`, {
      clientId: randomUUID(),
      text: 'x'.repeat(60_000),
    });
    expect(long).toMatchObject({ status: 413, body: { error: { code: 'message_too_long' } } });
    const attached = await send(encodeURIComponent('../../notes.md'), 'The password of the door is 42.');
    expect(JSON.parse(attached.body)).toMatchObject({ name: 'notes.md', kind: 'text' });
    gateway.bodies.length = 0;
    await chat.ask(await chat.createSession(), 'Hello', {
      attachments: [(JSON.parse(attached.body) as { id: string }).id],
    });
    expect(gateway.bodies[0]).toContain('The password of the door is 42.');
  });

  it('replays a turn after its process was killed, and starts anew by itself', async () => {
    const session = await chat.createSession();
    const { turnId } = await chat.startTurn(session, 'Ask me which colour to use, then create an agent');
    for await (const { chunk } of chat.stream(session, turnId)) {
      if (dataOf([chunk], 'question')[0]?.state === 'open') break;
    }
    await writeFile(join(project.projectDir, 'src/mastra/quarter.ts'), 'export const quarter = 1;\n');
    const own = await chat.agentProcesses(project.projectDir);
    expect(own).toHaveLength(1);
    process.kill(own[0] ?? 0, 'SIGKILL');
    const replayed = [];
    await expect.poll(async () => (await chat.send('GET', '/info')).status, { timeout: 30_000 }).toBe(200);
    for await (const { chunk } of chat.stream(session, turnId)) replayed.push(chunk);
    expect(dataOf(replayed, 'question').at(-1)).toMatchObject({ state: 'skipped' });
    expect(dataOf(replayed, 'notice')).toMatchObject([{ kind: 'error' }]);
    expect(dataOf(replayed, 'turn').at(-1)).toMatchObject({ state: 'failed' });
    expect(dataOf(replayed, 'commit')).toMatchObject([{ kind: 'edits' }]);
    const { body } = await chat.send('GET', `/sessions/${session}`);
    expect(body).toMatchObject({ messages: [{ role: 'user' }, { role: 'assistant' }], running: null });
    expect(textOf(await chat.ask(session, 'Hello'))).toContain('Demo model');
  });
});
