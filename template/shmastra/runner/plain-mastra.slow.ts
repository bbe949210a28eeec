import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { copyProject } from '../testing/project.ts';
import { installTools, run, type Tools } from '../testing/tools.ts';

// The project must never come to need the runner: it is the user's, and Mastra's own commands have to do.

const BOOT_MS = 120_000;
let tools: Tools;
let project: Awaited<ReturnType<typeof copyProject>>;

beforeAll(async () => {
  tools = await installTools();
  project = await copyProject(tools);
});
afterAll(() => project?.remove());

const options = (port: number) => ({
  cwd: project.projectDir,
  env: {
    ...process.env,
    PATH: tools.path,
    PORT: String(port),
    MASTRA_OFFLINE: '1',
    MASTRA_TELEMETRY_DISABLED: '1',
    OPENAI_API_KEY: 'vk_test',
  },
});

const command = () => join(project.projectDir, 'node_modules/.bin/mastra');

/** Starts a command, waits until it serves the project's agents, and ends it. */
async function serves(name: 'dev' | 'start'): Promise<string[]> {
  const port = await freePort();
  const child = spawn(command(), [name], { ...options(port), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  try {
    const deadline = Date.now() + BOOT_MS;
    for (;;) {
      const agents = await fetch(`http://localhost:${port}/api/agents`).then(
        (response) => response.json() as Promise<Record<string, unknown>>,
        () => undefined,
      );
      if (agents !== undefined) return Object.keys(agents);
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`mastra ${name} does not serve:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    await end(child);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}

describe('the project without the runner', () => {
  it('works with mastra dev', async () => {
    expect(await serves('dev')).toEqual(['assistant']);
  }, 180_000);

  it('works with mastra build and mastra start', async () => {
    await run(command(), ['build'], { ...options(0), maxBuffer: 16 * 1024 * 1024 });
    expect(await serves('start')).toEqual(['assistant']);
  }, 240_000);
});
