import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createPlanner, type Planner } from '../../local/demo-model/planner.ts';
import { SCRIPTS } from '../../local/demo-model/scripts/index.ts';
import { startDemoModel } from '../../local/demo-model/testing/start.ts';
import { copyProject } from '../../template/shmastra/testing/project.ts';
import { RunningRunner, TOKEN } from '../../template/shmastra/testing/running-runner.ts';
import { installTools } from '../../template/shmastra/testing/tools.ts';
import type { Place, Workspace } from '../workspace.ts';
import { markStart, resetToStart } from './reset.ts';

const execute = promisify(execFile);
const DELAY_MS = 5;
const MAX_OUTPUT = 64 * 1024 * 1024;

/**
 * The runner and the coding agent on this machine, on a copy of the starter project. No sandbox is around them, so only
 * the demo model, whose commands are known, may play here.
 * @param plan another double than the demo model
 */
export async function openLocally({ plan = createPlanner(SCRIPTS) }: { plan?: Planner } = {}): Promise<Place> {
  const tools = await installTools();
  const project = await copyProject(tools);
  // As fast as on the box: a turn can be stopped while it streams.
  const model = await startDemoModel({ plan, delayMs: DELAY_MS });
  const runner = await RunningRunner.start(tools, project.projectDir, { environment: false });
  const close = async (): Promise<void> => {
    await runner.stop();
    await model.close();
    await project.remove();
  };
  try {
    await runner.writeEnvironment({ OPENAI_BASE_URL: `${model.url}/openai/v1`, DEFAULT_MODEL: 'openai/gpt-5-mini' });
    const workspace = workspaceOf(project.projectDir, runner.port, tools.path);
    await markStart(workspace);
    const fresh = async () => {
      await resetToStart(workspace);
      return workspace;
    };
    return { name: 'the runner alone, without a sandbox', fresh, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function workspaceOf(folder: string, port: number, path: string): Workspace {
  return {
    call: (address, init = {}) =>
      fetch(`http://127.0.0.1:${port}${address}`, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${TOKEN}` },
      }),
    async run(command) {
      const env = { ...process.env, PATH: path };
      try {
        const { stdout, stderr } = await execute('sh', ['-c', command], { cwd: folder, env, maxBuffer: MAX_OUTPUT });
        return { exitCode: 0, output: stdout + stderr };
      } catch (error) {
        return failed(error);
      }
    },
    read: (file) => readFile(join(folder, file), 'utf8').catch(() => undefined),
    async write(file, content) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), content);
    },
  };
}

function failed(error: unknown): { exitCode: number; output: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') throw error;
  const text = (name: 'stdout' | 'stderr') =>
    name in error ? String(Object.entries(error).find(([key]) => key === name)?.[1]) : '';
  return { exitCode: error.code, output: text('stdout') + text('stderr') };
}
