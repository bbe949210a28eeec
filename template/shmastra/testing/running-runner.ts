import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HealthReport } from '../runner/health.ts';
import type { CheckResult, LiveResult, ProjectControl } from '../runner/project-control.ts';
import { TEMPLATE, type Tools } from './tools.ts';

export const TOKEN = 'the-server-token';

export type Answer = { status: number; body: string; headers: IncomingMessage['headers'] };

export type ControlCall = { id: number; method: keyof ProjectControl; seconds?: number };
export type ControlAnswer = { id: number; result: unknown };

/** A runner in a process of its own, as in a sandbox, on a port of its own. */
export class RunningRunner {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  /** What it has written to its log and to its error output. */
  readonly output: string[];
  #calls = 0;

  static async start(
    { node, path }: Tools,
    projectDir: string,
    { environment = true, settings = {} }: { environment?: boolean; settings?: Record<string, string> } = {},
  ): Promise<RunningRunner> {
    const folder = await mkdtemp(join(tmpdir(), 'runner-test-'));
    const child = spawn(
      node,
      ['--disable-warning=ExperimentalWarning', join(TEMPLATE, 'shmastra', 'testing', 'controlled-runner.ts')],
      {
        cwd: projectDir,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: {
          PATH: path,
          HOME: folder,
          PORT: '0',
          HOST: '127.0.0.1',
          SHMASTRA_PROJECT_DIR: projectDir,
          SHMASTRA_ENV_FILE: join(folder, 'env'),
          NODE_COMPILE_CACHE: join(folder, '..', 'runner-test-compile-cache'),
          SHMASTRA_HANG_SECONDS: '4',
          MASTRA_OFFLINE: '1',
          MASTRA_TELEMETRY_DISABLED: '1',
          SHMASTRA_AGENT_DIR: join(folder, 'agent'),
          ...settings,
        },
      },
    );
    const output: string[] = [];
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the runner ended with ${code}:\n${output.join('\n')}`)));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => output.push(...text.split('\n').filter(Boolean)));
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        output.push(...text.split('\n').filter(Boolean));
        const found = /"listening".*"port":(\d+)/.exec(text)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    });
    const runner = new RunningRunner(port, child, folder, output);
    if (environment) await runner.writeEnvironment();
    return runner;
  }

  private constructor(port: number, child: ChildProcess, folder: string, output: string[]) {
    this.port = port;
    this.#child = child;
    this.#folder = folder;
    this.output = output;
  }

  /** What start.sh does when the control plane has written the sandbox's environment. */
  async writeEnvironment(more: Record<string, string> = {}): Promise<void> {
    const environment = {
      SHMASTRA_SERVER_TOKEN: TOKEN,
      OPENAI_API_KEY: 'vk_test',
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      ...more,
    };
    const text = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(this.#folder, 'env.next'), text.join(''));
    await rename(join(this.#folder, 'env.next'), join(this.#folder, 'env'));
  }

  hold(seconds: number): Promise<unknown> {
    return this.#call('hold', seconds);
  }

  release(): Promise<unknown> {
    return this.#call('release');
  }

  prepare(): Promise<unknown> {
    return this.#call('prepare');
  }

  async check(): Promise<CheckResult> {
    return (await this.#call('check')) as CheckResult;
  }

  async goLive(): Promise<LiveResult> {
    return (await this.#call('goLive')) as LiveResult;
  }

  /** The process of the runner. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #call(method: keyof ProjectControl, seconds?: number): Promise<unknown> {
    const id = ++this.#calls;
    return new Promise((resolve) => {
      const listen = (message: unknown) => {
        const answer = message as ControlAnswer;
        if (answer.id !== id) return;
        this.#child.off('message', listen);
        resolve(answer.result);
      };
      this.#child.on('message', listen);
      this.#child.send({ id, method, ...(seconds === undefined ? {} : { seconds }) } satisfies ControlCall);
    });
  }

  async health(): Promise<HealthReport> {
    return JSON.parse((await this.get('/health', undefined)).body) as HealthReport;
  }

  /** Polls until the health report is as wanted. */
  async until(wanted: (report: HealthReport) => boolean, timeoutMs = 30_000): Promise<HealthReport> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const report = await this.health();
      if (wanted(report)) return report;
      if (Date.now() > deadline)
        throw new Error(`still ${JSON.stringify(report)}\n${this.output.slice(-20).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  get(path: string, token: string | undefined = TOKEN): Promise<Answer> {
    return this.send('GET', path, undefined, token);
  }

  send(
    method: string,
    path: string,
    body?: string,
    token: string | undefined = TOKEN,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          agent: false,
          headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
          );
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Ends it as if it had crashed. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
