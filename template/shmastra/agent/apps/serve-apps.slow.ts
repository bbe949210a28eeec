import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../testing/free-port.ts';
import { copyProject } from '../../testing/project.ts';
import { RunningRunner } from '../../testing/running-runner.ts';
import { installTools, run, type Tools } from '../../testing/tools.ts';
import { APPS_FOLDER } from './list-apps.ts';

let tools: Tools;
let project: Awaited<ReturnType<typeof copyProject>>;

beforeAll(async () => {
  tools = await installTools();
  project = await copyProject(tools);
  const app = join(project.projectDir, APPS_FOLDER, 'hello');
  mkdirSync(join(app, 'deep'), { recursive: true });
  writeFileSync(join(app, 'index.html'), '<title>Hello</title>');
  writeFileSync(join(app, 'deep', 'a b.js'), 'export {};');
  writeFileSync(join(app, '.hidden'), 'hidden');
  writeFileSync(join(app, 'data.unknown'), 'bytes');
  symlinkSync(join(project.projectDir, 'package.json'), join(app, 'leak.json'));
});
afterAll(() => project.remove());

type Get = (
  path: string,
) => Promise<{ status: number; body: string; headers: Record<string, string | string[] | undefined> }>;

const ASKED = {
  '/apps/hello/': '200 text/html; charset=utf-8 <title>Hello</title>',
  '/apps/hello/deep/a%20b.js': '200 text/javascript; charset=utf-8 export {};',
  '/apps/hello/data.unknown': '200 application/octet-stream bytes',
  '/apps/hello?x=1': '308 /apps/hello/?x=1',
  // No folder is listed, and nothing is reached that is hidden or outside of the app.
  ...Object.fromEntries(
    [
      ...['/apps/', '/apps/other/', '/apps/hello/deep/', '/apps/hello/deep', '/apps/hello/.hidden', '/apps/hello/%zz'],
      ...['/apps/hello/..%2f..%2f..%2f..%2fpackage.json', '/apps/hello/leak.json', '/apps/hello/%00', '/apps/..%2f/x'],
    ].map((path) => [path, '404']),
  ),
};

/** What the server answers to each of those. */
async function askAll(get: Get): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const path of Object.keys(ASKED)) {
    const { status, body, headers } = await get(path);
    const rest = status === 200 ? ` ${headers['content-type']} ${body}` : status === 308 ? ` ${headers.location}` : '';
    answers[path] = `${status}${rest}`;
  }
  // Custom routes are beside those of Mastra.
  expect((await get('/api/agents')).status).toBe(200);
  expect((await get('/apps/hello/')).headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  });
  return answers;
}

it('serves apps in the runner', async () => {
  const runner = await RunningRunner.start(tools, project.projectDir);
  try {
    await runner.until(({ state }) => state === 'ready');
    expect(await askAll((path) => runner.get(path))).toEqual(ASKED);
    writeFileSync(join(project.projectDir, APPS_FOLDER, 'hello', 'later.txt'), 'later');
    expect((await runner.get('/apps/hello/later.txt')).body).toBe('later');
  } finally {
    await runner.stop();
  }
});

describe('after mastra build', () => {
  let server: ChildProcess | undefined;
  afterAll(() => server?.kill('SIGKILL'));

  it.each(['in the project', 'copied elsewhere'])(
    'serves apps %s',
    async (where) => {
      const environment = { ...process.env, PATH: tools.path, MASTRA_OFFLINE: '1', MASTRA_TELEMETRY_DISABLED: '1' };
      const { projectDir } = project;
      if (where === 'in the project') {
        await run(tools.pnpm, ['exec', 'mastra', 'build'], {
          cwd: projectDir,
          env: environment,
          maxBuffer: 16_777_216,
        });
      }
      const port = await freePort();
      const elsewhere = where === 'in the project' ? undefined : mkdtempSync(join(tmpdir(), 'deployed-'));
      if (elsewhere !== undefined) {
        cpSync(join(projectDir, '.mastra', 'output'), elsewhere, { recursive: true, verbatimSymlinks: true });
      }
      const [command, args] =
        elsewhere === undefined ? [tools.pnpm, ['exec', 'mastra', 'start']] : [tools.node, ['index.mjs']];
      server = spawn(command, args, {
        cwd: elsewhere ?? projectDir,
        env: { ...environment, PORT: String(port), MASTRA_DATA_DIR: join(projectDir, '.data') },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      try {
        expect(await askAll(await untilReady(port, server))).toEqual(ASKED);
      } finally {
        if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM');
        if (server.exitCode === null) await once(server, 'exit');
        if (elsewhere !== undefined) rmSync(elsewhere, { recursive: true, force: true });
      }
    },
    240_000,
  );
});

/** How to ask the server, once it answers. */
async function untilReady(port: number, server: ChildProcess): Promise<Get> {
  let output = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk: Buffer) => (output += String(chunk)));
  const get: Get = async (path) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
    return { status: response.status, body: await response.text(), headers: Object.fromEntries(response.headers) };
  };
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && server.exitCode === null) {
    if (
      await get('/api/agents').then(
        ({ status }) => status === 200,
        () => false,
      )
    )
      return get;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the server doesn't answer:\n${output.slice(-4000)}`);
}
