import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyProject } from '../testing/project.ts';
import { RunningRunner } from '../testing/running-runner.ts';
import { installTools, type Tools } from '../testing/tools.ts';

let tools: Tools;
let project: Awaited<ReturnType<typeof copyProject>>;
let runner: RunningRunner | undefined;

beforeAll(async () => {
  tools = await installTools();
  project = await copyProject(tools);
});
afterAll(async () => {
  await runner?.stop();
  await project?.remove();
});

const agent = () => join(project.projectDir, 'src/mastra/agents/assistant.ts');
const agents = async () => (await runner?.get('/api/agents'))?.body ?? '';

/** Starts the runner with this agent, and waits for what comes of it. */
async function startWith(text: string) {
  await runner?.stop();
  await writeFile(agent(), text);
  runner = await RunningRunner.start(tools, project.projectDir);
  return runner.until(({ state }) => state === 'ready' || state === 'failed');
}

it('serves the version of the last run while the code of now cannot', async () => {
  const good = (await readFile(agent(), 'utf8')).replace(/name: '.*'/, "name: 'From before'");
  expect(await startWith(good)).toMatchObject({ state: 'ready' });

  const broken = await startWith(good.replace('export const assistant', 'export const = assistant'));
  expect(broken).toMatchObject({ state: 'ready', error: { file: 'src/mastra/agents/assistant.ts', line: 5 } });
  expect(await agents()).toContain('From before');

  const throwing = await startWith(good.replace('\nexport const', "\nthrow new Error('on purpose');\nexport const"));
  expect(throwing).toMatchObject({
    state: 'ready',
    error: { message: expect.stringContaining('on purpose') as string },
  });
  expect(await agents()).toContain('From before');

  await writeFile(agent(), good.replace('From before', 'Mended'));
  await runner?.until(({ error }) => error === undefined);
  expect(await agents()).toContain('Mended');
}, 120_000);
