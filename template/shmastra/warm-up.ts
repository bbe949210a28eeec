import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

// Run once while a template is built: starts the runner on the project, which shows that it works, and fills the
// compile cache that sandboxes start from. Leaves nothing else behind.

type EcosystemConfig = { apps: { name: string; args: string[] }[] };

const PORT = 4111;
const DEADLINE_MS = 120_000;
const POLL_MS = 100;
const here = dirname(fileURLToPath(import.meta.url));
const projectDir = process.cwd();
const folder = await mkdtemp(join(tmpdir(), 'warm-up-'));
const token = 'warm-up';

await writeFile(join(folder, 'env'), `SHMASTRA_SERVER_TOKEN=${token}\nMASTRA_DATA_DIR=${join(folder, 'data')}\n`);
const runner = spawn(process.execPath, await runnerArguments(), {
  cwd: projectDir,
  stdio: 'inherit',
  env: {
    ...process.env,
    PORT: String(PORT),
    HOST: '127.0.0.1',
    SHMASTRA_PROJECT_DIR: projectDir,
    SHMASTRA_ENV_FILE: join(folder, 'env'),
    SHMASTRA_AGENT_DIR: join(folder, 'agent'),
    MASTRA_OFFLINE: '1',
    MASTRA_TELEMETRY_DISABLED: '1',
  },
});
const ended = new Promise<number | null>((resolve) => runner.once('exit', resolve));
try {
  await waitUntilReady();
  // The first traces open DuckDB, which is loaded late.
  for (const path of ['/api/agents', '/api/workflows', '/api/tools', '/api/observability/traces']) await get(path);
  // The coding agent's process starts when it is asked for the first time.
  await get('/__shmastra/v1/info');
} finally {
  // Node writes the cache when a process ends by itself.
  runner.kill('SIGTERM');
  await ended;
  await rm(folder, { recursive: true, force: true });
  await rm(join(projectDir, 'node_modules/.cache/shmastra'), { recursive: true, force: true });
}
// pm2 is loaded at each start too.
await run([join(here, '../node_modules/pm2/bin/pm2-runtime'), '--version']);

/** As pm2 will start it: code that V8 has cached is only taken by a Node with the same flags. */
async function runnerArguments(): Promise<string[]> {
  const config = (await import(join(here, '../ecosystem.config.cjs'))) as { default: EcosystemConfig };
  const app = config.default.apps.find(({ name }) => name === 'shmastra');
  if (app === undefined) throw new Error('ecosystem.config.cjs has no app named shmastra');
  return app.args;
}

async function waitUntilReady(): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (let last = 'no answer'; ; await sleep(POLL_MS)) {
    try {
      const report = (await (await fetch(`http://127.0.0.1:${PORT}/health`)).json()) as { state: string };
      if (report.state === 'ready') return;
      last = JSON.stringify(report);
      if (report.state === 'failed') throw new Error(`the project doesn't start: ${last}`);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('the project')) throw error;
    }
    if (Date.now() > deadline || runner.exitCode !== null) throw new Error(`the runner didn't get ready: ${last}`);
  }
}

async function get(path: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${PORT}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const body = await response.text();
  if (!response.ok) throw new Error(`${path} answers ${response.status}: ${body.slice(0, 500)}`);
}

async function run(args: string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with exit code ${code}`);
}
