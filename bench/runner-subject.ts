import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { freePort } from '../template/shmastra/testing/free-port.ts';
import { copyProject } from '../template/shmastra/testing/project.ts';
import { CACHE, installTools, TEMPLATE, type Tools } from '../template/shmastra/testing/tools.ts';

const TOKEN = 'bench';
const BOOT_DEADLINE_MS = 180_000;
const ANSWER_DEADLINE_MS = 10_000;

/** Something that serves a Mastra project and puts edits on the air. */
export class Subject {
  readonly #name: 'runner' | 'dev';
  readonly #tools: Tools;
  readonly #projectDir: string;
  readonly #folder: string;
  readonly #remove: () => Promise<void>;
  #child: ChildProcess | undefined;
  #port = 0;
  #output = '';

  static async prepare(name: 'runner' | 'dev'): Promise<Subject> {
    const tools = await installTools();
    const { projectDir, remove } = await copyProject(tools);
    const folder = await mkdtemp(join(tmpdir(), 'bench-runner-'));
    await writeFile(join(folder, 'env'), `SHMASTRA_SERVER_TOKEN=${TOKEN}\nOPENAI_API_KEY=vk_bench\n`);
    return new Subject(name, tools, projectDir, folder, remove);
  }

  private constructor(
    name: 'runner' | 'dev',
    tools: Tools,
    projectDir: string,
    folder: string,
    remove: () => Promise<void>,
  ) {
    this.#name = name;
    this.#tools = tools;
    this.#projectDir = projectDir;
    this.#folder = folder;
    this.#remove = remove;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it. Resolves with the milliseconds until the project's agents are served. */
  async boot(): Promise<number> {
    this.#port = await freePort();
    const [command, ...args] =
      this.#name === 'dev'
        ? [join(this.#projectDir, 'node_modules/.bin/mastra'), 'dev']
        : // As in a sandbox: scripts/sandbox/ecosystem.config.cjs.
          [this.#tools.node, '--max-semi-space-size=8', await bundledRunner()];
    const started = performance.now();
    this.#child = spawn(command ?? '', args, {
      cwd: this.#projectDir,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: this.#tools.path,
        HOME: this.#folder,
        PORT: String(this.#port),
        HOST: '127.0.0.1',
        SHMASTRA_PROJECT_DIR: this.#projectDir,
        SHMASTRA_ENV_FILE: join(this.#folder, 'env'),
        NODE_COMPILE_CACHE: join(this.#folder, 'compile-cache'),
        MASTRA_OFFLINE: '1',
        MASTRA_TELEMETRY_DISABLED: '1',
        OPENAI_API_KEY: 'vk_bench',
      },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-4000)));
    }
    while ((await this.ask()) !== 200) {
      if (this.#child.exitCode !== null || performance.now() - started > BOOT_DEADLINE_MS) {
        throw new Error(`${this.#name} does not serve:\n${this.#output}`);
      }
      await sleep(5);
    }
    return Math.round(performance.now() - started);
  }

  /** The status of an answer, or undefined without one. */
  async ask(): Promise<number | undefined> {
    return (await this.#get())?.status;
  }

  /** Renames the agent in its source. Resolves with the milliseconds until the new name is served. */
  async edit(name: string, deadlineMs: number): Promise<number> {
    const file = join(this.#projectDir, 'src/mastra/agents/assistant.ts');
    const text = (await readFile(file, 'utf8')).replace(/name: '.*'/, `name: '${name}'`);
    const started = performance.now();
    await writeFile(file, text);
    for (;;) {
      const answer = await this.#get();
      if (answer?.body.includes(`"name":"${name}"`)) break;
      if (performance.now() - started > deadlineMs) throw new Error(`${name} is not live:\n${this.#output}`);
      await sleep(2);
    }
    return Math.round(performance.now() - started);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    // Ends by itself first, so that Node writes its compile cache.
    if (this.#name === 'runner') child.kill('SIGTERM');
    else process.kill(-child.pid, 'SIGKILL');
    await exited;
    this.#child = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #get(): Promise<{ status: number; body: string } | undefined> {
    return new Promise((resolve) => {
      const sent = request(
        {
          host: this.#name === 'dev' ? 'localhost' : '127.0.0.1',
          port: this.#port,
          path: '/api/agents',
          agent: false,
          timeout: ANSWER_DEADLINE_MS,
          headers: { authorization: `Bearer ${TOKEN}` },
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
          response.on('error', () => resolve(undefined));
        },
      );
      sent.on('timeout', () => sent.destroy());
      sent.on('error', () => resolve(undefined));
      sent.end();
    });
  }
}

/** The runner as a template has it: each of its programs in one file. */
async function bundledRunner(): Promise<string> {
  const outdir = join(CACHE, 'bench-runner');
  await mkdir(outdir, { recursive: true });
  const source = join(TEMPLATE, 'shmastra');
  await build({
    entryPoints: [join(source, 'runner/main.ts'), join(source, 'runner/app/main.ts')],
    outbase: source,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    external: ['esbuild'],
  });
  await writeFile(join(outdir, 'package.json'), '{"name":"bench-runner","version":"0.0.0","type":"module"}\n');
  return join(outdir, 'runner/main.js');
}
