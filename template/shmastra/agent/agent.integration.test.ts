import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemoModel } from '../../../local/demo-model/testing/start.ts';
import { ChatClient, dataOf, textOf } from '../testing/chat-client.ts';
import { copyProject } from '../testing/project.ts';
import { RunningRunner } from '../testing/running-runner.ts';
import { installTools } from '../testing/tools.ts';

let project: Awaited<ReturnType<typeof copyProject>>;
let model: Awaited<ReturnType<typeof startDemoModel>>;
let runner: RunningRunner;
let chat: ChatClient;
let dataDir: string;

beforeAll(async () => {
  const tools = await installTools();
  project = await copyProject(tools);
  model = await startDemoModel();
  dataDir = await mkdtemp(join(tmpdir(), 'agent-data-'));
  runner = await RunningRunner.start(tools, project.projectDir, {
    environment: false,
    settings: { SHMASTRA_AGENT_DIR: dataDir },
  });
  await runner.writeEnvironment({ OPENAI_BASE_URL: `${model.url}/openai/v1` });
  chat = new ChatClient(runner);
});
afterAll(async () => {
  await runner?.stop();
  await model?.close();
  await project?.remove();
  await rm(dataDir, { recursive: true, force: true });
});

describe('the coding agent', () => {
  it('streams an answer', async () => {
    const session = await chat.createSession();
    const chunks = await chat.ask(session, 'Hello');
    expect(textOf(chunks)).toContain('Demo model');
    expect(dataOf(chunks, 'turn').at(-1)).toMatchObject({ state: 'done' });
  });

  it('creates an agent that is live at the end', async () => {
    const session = await chat.createSession();
    const chunks = await chat.ask(session, 'create an agent that says hello');
    expect(dataOf(chunks, 'commit')).toHaveLength(1);
    expect((await runner.get('/api/agents')).body).toContain('hello');
  });
});
