import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyProject } from '../testing/project.ts';
import { keepAsking } from '../testing/keep-asking.ts';
import { RunningRunner, TOKEN } from '../testing/running-runner.ts';
import { installTools, type Tools } from '../testing/tools.ts';

let tools: Tools;
let project: Awaited<ReturnType<typeof copyProject>>;
let runner: RunningRunner;

const file = (path: string) => join(project.projectDir, 'src/mastra', path);
const agent = () => file('agents/assistant.ts');

/** Edits the agent's file for as long as `during` runs, and waits until the undone edit is on the air again. */
async function withEdit(change: (text: string) => string, during: () => Promise<void>): Promise<void> {
  const before = await readFile(agent(), 'utf8');
  await writeFile(agent(), change(before));
  try {
    await during();
  } finally {
    await writeFile(agent(), before);
    await runner.until((report) => report.state === 'ready' && report.error === undefined);
  }
}

const agentName = async () =>
  (JSON.parse((await runner.get('/api/agents')).body) as { assistant: { name: string } }).assistant.name;

beforeAll(async () => {
  tools = await installTools();
  project = await copyProject(tools);
  runner = await RunningRunner.start(tools, project.projectDir, { environment: false });
});
afterAll(async () => {
  await runner?.stop();
  await project?.remove();
});

describe('the runner', () => {
  it('answers health at once and waits for the environment', async () => {
    const report = await runner.until(({ waiting }) => waiting === 'environment');
    expect(report).toEqual({ state: 'starting', version: '0.1.0', revision: 0, waiting: 'environment' });
    expect((await runner.get('/api/agents')).status).toBe(503);
  });

  it('serves the project as soon as the environment is there', async () => {
    await runner.writeEnvironment();
    const started = performance.now();
    await runner.until(({ state }) => state === 'ready');
    console.info(`environment → ready: ${Math.round(performance.now() - started)} ms`);
    expect(await agentName()).toBe('Assistant');
    for (const path of ['/api/workflows', '/api/tools', '/api/agents/assistant', '/api/observability/traces']) {
      expect([path, (await runner.get(path)).status]).toEqual([path, 200]);
    }
    expect((await runner.get('/api/tools')).body).toContain('current-time');
  });

  it('wants the token for everything but health', async () => {
    for (const token of [undefined, 'wrong', `${TOKEN}x`]) {
      expect((await runner.send('GET', '/api/agents', undefined, token ?? '')).status).toBe(401);
      expect((await runner.send('GET', '/__shmastra/events', undefined, token ?? '')).status).toBe(401);
    }
    expect((await runner.send('GET', '/health', undefined, '')).status).toBe(200);
    expect((await runner.send('POST', '/health', '', '')).status).toBe(401);
  });

  it('puts an edit on the air without refusing a request', async () => {
    const load = keepAsking(async () => (await runner.get('/api/agents')).status);
    const times: number[] = [];
    for (let number = 1; number <= 5; number++) {
      const started = performance.now();
      const text = await readFile(agent(), 'utf8');
      await writeFile(agent(), text.replace(/name: '.*'/, `name: 'Edited ${number}'`));
      const { revision } = await runner.health();
      await runner.until((report) => report.revision > revision || report.revision > number);
      times.push(Math.round(performance.now() - started));
      expect(await agentName()).toBe(`Edited ${number}`);
    }
    console.info(`edit → live under load: ${times.join(', ')} ms`);
    expect(new Set(await load.stop())).toEqual(new Set([200]));
  });

  it('keeps the last good version when the code does not compile, and says where', async () => {
    await withEdit(
      (text) => text.replace('export const assistant', 'export const = assistant'),
      async () => {
        const { state, error } = await runner.until((report) => report.error !== undefined);
        expect(state).toBe('ready');
        expect(error).toMatchObject({ file: 'src/mastra/agents/assistant.ts', line: 5 });
        expect(await agentName()).toBe('Edited 5');
      },
    );
  });

  it.each([
    ['throws', "throw new Error('broken on purpose');", 'broken on purpose', 5],
    ['exits', 'process.exit(3);', 'process.exit(3)', 5],
    ['needs a missing package', "import no from 'no-such-package'; console.log(no);", 'no-such-package', undefined],
    ['rejects later', "await Promise.reject(new Error('rejected on purpose'));", 'rejected on purpose', 5],
  ])('keeps the last good version when the new one %s', async (_name, statement, message, line) => {
    const { revision } = await runner.health();
    await withEdit(
      (text) => text.replace('\nexport const', `\n${statement}\nexport const`),
      async () => {
        const report = await runner.until(({ error }) => error !== undefined);
        expect(report).toMatchObject({ state: 'ready', revision });
        expect(report.error?.message).toContain(message);
        expect(report.error?.line).toBe(line);
        expect(await agentName()).toBe('Edited 5');
      },
    );
  });
});
