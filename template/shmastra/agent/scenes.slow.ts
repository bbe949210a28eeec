import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatClient, dataOf, textOf } from '../testing/chat-client.ts';
import { copyProject } from '../testing/project.ts';
import { RecordingGateway } from '../testing/recording-gateway.ts';
import { RunningRunner } from '../testing/running-runner.ts';
import { installTools, type Tools } from '../testing/tools.ts';

// What the agent's tools do together, with a model that knows its lines.

let tools: Tools;
let project: Awaited<ReturnType<typeof copyProject>>;
let gateway: RecordingGateway;
let runner: RunningRunner;
let chat: ChatClient;

const git = async (...args: string[]) =>
  (await promisify(execFile)('git', args, { cwd: project.projectDir })).stdout.trim();
const ask = async (text: string) => chat.ask(await chat.createSession(), text);

beforeAll(async () => {
  tools = await installTools();
  project = await copyProject(tools);
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

describe('the agent’s tools', () => {
  it('catch a mistake by its place, and put what is mended on the air', async () => {
    const chunks = await ask('add a tool that rolls dice, with a mistake');
    const checks = dataOf(chunks, 'check');
    const failed = checks.find(({ stages }) => JSON.stringify(stages).includes('"failed"'));
    expect(JSON.stringify(failed)).toMatch(/src\/mastra\/tools\/roll-dice\.ts","line":\d+/);
    expect(checks.at(-1)).toMatchObject({ ok: true });
    expect(dataOf(chunks, 'commit')).toHaveLength(1);
    expect((await runner.get('/api/tools')).body).toContain('roll-dice');
  });

  it('build a workflow and run it', async () => {
    const chunks = await ask('chain a workflow called Shout Back that reverses a text and then makes it upper case');
    expect(dataOf(chunks, 'commit')[0]?.open).toMatchObject({ path: '/studio/workflows/shout-back/graph' });
    expect(chunks).toContainEqual(
      expect.objectContaining({ output: expect.objectContaining({ status: 'success' }) as object }),
    );
  });

  it('build an app', async () => {
    const chunks = await ask('Build an app called Front desk that talks to the assistant');
    expect(dataOf(chunks, 'commit')[0]?.open).toMatchObject({ label: 'Open app' });
    const { body } = await chat.send('GET', '/apps');
    expect(body).toMatchObject({ apps: [{ name: 'front' }] });
  });

  it('mend a broken import', async () => {
    const file = join(project.projectDir, 'src/mastra/agents/index.ts');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace("'./assistant'", "'./asistant'"));
    const chunks = await ask('The project does not start. Fix it.');
    expect(dataOf(chunks, 'check').at(-1)).toMatchObject({ ok: true });
    expect(await readFile(file, 'utf8')).toBe(text);
    await runner.until(({ state, error }) => state === 'ready' && error === undefined);
    // What was broken by hand is a commit of its own.
    expect(await git('log', '-2', '--format=%s')).toMatch(/\nEdits by hand$/);
  });

  it('undo what was done last', async () => {
    await ask('create an agent that says hello');
    expect(JSON.parse((await runner.get('/api/agents')).body)).toHaveProperty('hello');
    const chunks = await ask('Undo that');
    expect(dataOf(chunks, 'commit')).toMatchObject([{ kind: 'undo' }]);
    expect(JSON.parse((await runner.get('/api/agents')).body)).not.toHaveProperty('hello');
    const { body } = await chat.send('POST', '/history/redo');
    expect(body).toMatchObject({ commit: { kind: 'redo' } });
    expect(JSON.parse((await runner.get('/api/agents')).body)).toHaveProperty('hello');
  });

  it('tell all tabs what happens', async () => {
    const seen: string[] = [];
    const events = chat.events();
    const following = (async () => {
      for await (const event of events) {
        seen.push(event);
        if (event.includes('"ended"')) return;
      }
    })();
    const makeOne = async () => {
      await chat.send('POST', '/sessions');
      return seen.length;
    };
    await expect.poll(makeOne, { timeout: 20_000 }).toBeGreaterThan(0);
    await ask('Hello');
    await following;
    expect(seen.join()).toMatch(/"sessions".*"started".*"ended".*"outcome":"done"/s);
  });
});

describe('limits', () => {
  it('end a turn after so many steps, and keep what was done', async () => {
    const limited = await RunningRunner.start(tools, project.projectDir, {
      settings: { SHMASTRA_AGENT_MAX_STEPS: '3' },
      environment: false,
    });
    try {
      await runner.stop();
      await limited.writeEnvironment(gateway.environment);
      await limited.until(({ state }) => state === 'ready');
      const client = new ChatClient(limited);
      const chunks = await client.ask(await client.createSession(), 'create an agent that tells stories');
      expect(dataOf(chunks, 'notice')).toMatchObject([{ kind: 'limit' }]);
      expect(textOf(chunks)).toContain('Demo model');
      expect(await git('status', '--short')).toBe('');
    } finally {
      await limited.stop();
    }
  });

  it('end the process when nobody needs it, and when the runner is gone', async () => {
    const idle = await RunningRunner.start(tools, project.projectDir, {
      settings: { SHMASTRA_AGENT_IDLE_SECONDS: '5' },
    });
    try {
      await idle.until(({ state }) => state === 'ready');
      const client = new ChatClient(idle);
      await client.send('GET', '/info');
      const [pid] = await client.agentProcesses(project.projectDir);
      await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
      expect((await client.send('GET', '/info')).status).toBe(200);
      const [next] = await client.agentProcesses(project.projectDir);
      expect(next).not.toBe(pid);
      idle.kill();
      await expect.poll(() => isAlive(next), { timeout: 10_000 }).toBe(false);
    } finally {
      await idle.stop();
    }
  });
});

const isAlive = (pid: number | undefined): Promise<boolean> =>
  stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
