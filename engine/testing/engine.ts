import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from '../runtime/command.ts';
import { waitUntil } from '../runtime/wait.ts';
import { createApiKey } from '../state/api-keys.ts';
import { restoreSettings } from '../state/host-settings.ts';
import { removeHostState } from '../state/instance.ts';
import { removeZram } from '../state/zram.ts';
import { runDirectory } from '../config.ts';
import { findRemains } from './remains.ts';

const DAEMON = fileURLToPath(new URL('../daemon.ts', import.meta.url));

/** Base images are made once for all test runs of this machine. */
export const IMAGE_CACHE = process.env.ENGINE_IMAGE_CACHE ?? path.join(tmpdir(), 'shmastra-test-images');

/**
 * Halves the time that the processes of tests need to load the same files again and again. In the checkout, since they are
 * root's: where everybody may write, somebody else's code could lie in wait.
 */
export const COMPILED = fileURLToPath(new URL('../../.cache/test-compiled', import.meta.url));

/** As `npm start` runs it. */
const NODE_FLAGS = ['--max-semi-space-size=4'];

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;

/** How this machine gets packages, which an engine that `npm start` starts is told as well. */
const hostPackageSettings = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(npm_config_.*|NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i.test(name),
    ),
  );

export type TestEngineOptions = {
  /** Further or other settings of the engine. */
  env?: Record<string, string>;
  /** Instead of engine/daemon.ts. */
  entry?: string;
  /** The data folder before the engine sees it. */
  prepare?: (dataDir: string) => Promise<void>;
};

/** What the SDK's calls take as options. */
export type Connection = { apiKey: string; apiUrl: string; sandboxUrl: string; domain: string };

/** A real engine in a process of its own, with a data folder, instance id, port and subnet that nobody else has. */
export class TestEngine {
  readonly dataDir: string;
  readonly instance: string;
  readonly subnet: string;
  readonly port: number;
  readonly connection: Connection;
  /** The settings that the e2b SDK reads from the environment. */
  readonly sdkEnv: Record<string, string>;
  readonly logFile: string;
  readonly #env: Record<string, string>;
  readonly #entry: string;
  #child: ChildProcess | undefined;
  #disposed = false;

  private constructor(dataDir: string, port: number, apiKey: string, subnet: string, options: TestEngineOptions) {
    this.dataDir = dataDir;
    this.port = port;
    this.subnet = subnet;
    this.instance = `t${randomInt(36 ** 4)
      .toString(36)
      .padStart(5, '0')}`;
    this.logFile = path.join(dataDir, 'engine.log');
    const url = `http://127.0.0.1:${port}`;
    this.connection = { apiKey, apiUrl: url, sandboxUrl: url, domain: `sandbox.localhost:${port}` };
    this.sdkEnv = { E2B_API_KEY: apiKey, E2B_API_URL: url, E2B_SANDBOX_URL: url, E2B_DOMAIN: this.connection.domain };
    this.#entry = options.entry ?? process.env.ENGINE_TEST_ENTRY ?? DAEMON;
    this.#env = {
      ENGINE_DATA_DIR: dataDir,
      ENGINE_PORT: String(port),
      ENGINE_INSTANCE: this.instance,
      ENGINE_SUBNET: subnet,
      ENGINE_IMAGE_CACHE: IMAGE_CACHE,
      // What a test finds on the host is what it made.
      ENGINE_WARM_POOL: '0',
      // Nor does what else needs this machine's memory change it.
      ENGINE_HIBERNATE_BELOW_MB: '0',
      LOG_LEVEL: 'debug',
      ...options.env,
    };
  }

  static async start(options: TestEngineOptions = {}): Promise<TestEngine> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'shmastra-engine-'));
    const { key } = await createApiKey(dataDir);
    await options.prepare?.(dataDir);
    const engine = new TestEngine(dataDir, await freePort(), key, await freeSubnet(), options);
    try {
      await engine.launch();
    } catch (error) {
      await engine.dispose();
      throw error;
    }
    return engine;
  }

  get url(): string {
    return this.connection.apiUrl;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the engine does not run');
    return this.#child.pid;
  }

  /** Starts the process (again) and waits for /health. */
  async launch(env: Record<string, string> = {}): Promise<void> {
    if (this.#disposed) throw new Error('the engine was disposed of');
    const output = createWriteStream(this.logFile, { flags: 'a' });
    const child = spawn(process.execPath, [...NODE_FLAGS, this.#entry], {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '/root',
        ...hostPackageSettings(),
        NODE_COMPILE_CACHE: COMPILED,
        ...this.#env,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    child.on('close', () => output.end());
    this.#child = child;
    const up = await waitUntil(
      async () =>
        child.exitCode !== null ||
        (await fetch(`${this.url}/health`).then(
          (answer) => answer.ok,
          () => false,
        )),
      START_TIMEOUT_MS,
      10,
    );
    if (!up || child.exitCode !== null) throw new Error(`the engine did not start:\n${await this.log()}`);
  }

  log(): Promise<string> {
    return readFile(this.logFile, 'utf8');
  }

  /** Ends the process with `signal` and waits until it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const ended = await waitUntil(() => child.exitCode !== null || child.signalCode !== null, STOP_TIMEOUT_MS, 5);
    if (!ended) throw new Error(`the engine did not end on ${signal}`);
  }

  /** Everything that this engine has on the host outside its data folder. */
  remains(): Promise<string[]> {
    return findRemains(this.instance, this.subnet, this.dataDir);
  }

  /** Ends the engine and removes everything of it, also after a test that failed half-way. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    try {
      await this.end('SIGTERM');
    } finally {
      await this.end('SIGKILL');
      await removeHostState({ instance: this.instance, subnet: this.subnet });
      await restoreSettings(this.dataDir);
      await removeZram(this.dataDir);
      await rm(runDirectory(this.instance), { recursive: true, force: true });
      await rm(this.dataDir, { recursive: true, force: true });
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** A /24 that no route of this machine knows. */
export async function freeSubnet(): Promise<string> {
  const routes = await command('ip', ['-4', 'route', 'show']);
  for (;;) {
    const prefix = `10.${randomInt(150, 250)}.${randomInt(256)}.`;
    if (!routes.includes(prefix)) return `${prefix}0/24`;
  }
}
