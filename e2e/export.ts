// `npm run test:export`: an agent is made in the chat, the project is exported both as a zip and as a git bundle, and each
// is installed in an empty folder and runs there on its own: `npx mastra dev` for the one, `npx mastra build` for the other.
// Ends with 0 when the agent answers in both. Takes a few minutes: two installs from the registry of npm.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { promisify } from 'node:util';
import { converse } from '../eval/chat.ts';
import { openSandboxes } from '../eval/places/sandbox.ts';
import { startDemoModel } from '../local/demo-model/testing/start.ts';
import { projectNode } from '../scripts/bootstrap/node.mjs';
import type { Workspace } from '../eval/workspace.ts';
import { freePort, waitFor } from './support/product.ts';

const run = promisify(execFile);
const INSTALL_MS = 600_000;
const START_MS = 180_000;
const SECRET = 'acme-exported-5d0b7c11';

const place = await openSandboxes({});
const model = await startDemoModel();
const folder = await mkdtemp(joinPath(tmpdir(), 'shmastra-export-'));
try {
  const workspace = await place.fresh();
  const bounds = { ms: 120_000, costMicros: 1e6 };
  const turns = [{ say: 'create an agent that says hello' }, { say: 'Connect Acme, it needs a key' }];
  await converse(workspace, turns, { answers: { variables: { ACME_API_KEY: SECRET } }, bounds });
  const zip = joinPath(folder, 'project.zip');
  const bundle = joinPath(folder, 'project.bundle');
  await download(workspace, 'zip', zip);
  await download(workspace, 'bundle', bundle);
  await run('unzip', ['-q', zip, '-d', joinPath(folder, 'from-zip')]);
  await run('git', ['clone', '-q', bundle, joinPath(folder, 'from-bundle')]);
  for (const name of ['from-zip', 'from-bundle']) {
    const project = await projectIn(joinPath(folder, name));
    await expectNoSecret(project);
    console.log(`${name}: installing`);
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: project, timeout: INSTALL_MS, maxBuffer: 1e8 });
    if (name === 'from-zip') await answers(project, ['mastra', 'dev']);
    else {
      await run('npx', ['mastra', 'build'], { cwd: project, timeout: INSTALL_MS, maxBuffer: 1e8, env: alone(0) });
      await answers(project, ['mastra', 'start']);
    }
    console.log(`${name}: the agent answers`);
  }
  console.log('KEPT: both exports run on their own');
} finally {
  await rm(folder, { recursive: true, force: true });
  await model.close();
  await place.close();
}

async function download(workspace: Workspace, format: string, file: string): Promise<void> {
  const response = await workspace.call(`/__shmastra/v1/export?format=${format}`);
  if (!response.ok) throw new Error(`the export answers ${response.status}: ${await response.text()}`);
  await writeFile(file, Buffer.from(await response.arrayBuffer()));
}

/** A zip may have one folder in which everything is. */
async function projectIn(root: string): Promise<string> {
  const names = await readdir(root);
  const [only] = names;
  return names.includes('package.json') || only === undefined ? root : joinPath(root, only);
}

async function expectNoSecret(project: string): Promise<void> {
  const { stdout } = await run('sh', ['-c', `grep -rlF ${SECRET} . || true; ls -A`], { cwd: project });
  const names = stdout.split('\n');
  if (names.some((name) => name.startsWith('./'))) throw new Error(`the secret is in ${stdout}`);
  if (names.includes('.env')) throw new Error('.env was exported');
  const example = await readFile(joinPath(project, '.env.example'), 'utf8');
  if (!example.includes('ACME_API_KEY')) throw new Error('.env.example does not name ACME_API_KEY');
}

/** Nothing of the workspace, the machine's way to the registry, and a provider that is the demo model. */
function alone(port: number): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS, HTTPS_PROXY, npm_config_registry } = process.env;
  return {
    ...Object.fromEntries(
      Object.entries({ NODE_EXTRA_CA_CERTS, HTTPS_PROXY, npm_config_registry }).filter(([, value]) => value),
    ),
    // Mastra wants a newer Node than this script may have been started with.
    PATH: `${joinPath(projectNode() ?? process.execPath, '..')}:${process.env.PATH ?? ''}`,
    HOME: folder,
    PORT: String(port),
    OPENAI_API_KEY: 'none',
    OPENAI_BASE_URL: `${model.url}/openai/v1`,
    MASTRA_TELEMETRY_DISABLED: '1',
  };
}

async function answers(project: string, command: string[]): Promise<void> {
  const port = await freePort();
  const child = spawn('npx', command, { cwd: project, env: alone(port), stdio: 'ignore', detached: true });
  try {
    const text = await waitFor(() => ask(port), START_MS, `an answer of npx ${command.join(' ')}`);
    if (!text.includes('Hello')) throw new Error(`it answers ${text}`);
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
}

async function ask(port: number): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/api/agents/hello/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }] }),
  }).catch(() => undefined);
  return response?.ok ? response.text() : undefined;
}
