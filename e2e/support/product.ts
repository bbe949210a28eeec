import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const checkout = resolve(import.meta.dirname, '../..');

/** A running `npm start` of this checkout, on a port and a data folder of its own. */
export type Product = {
  url: string;
  dataDir: string;
  /** The one-time page that makes the first admin, as it was printed; absent once there is an admin. */
  setupUrl?: string;
  /** Milliseconds from the start of the command until a user could sign in. */
  startedInMs: number;
  pid: number;
  output(): string;
  /** SIGTERM and wait for the end; resolves to the exit code. */
  stop(): Promise<number | null>;
};

export type ProductOptions = {
  dataDir?: string;
  env?: Record<string, string>;
  /** How long the whole start may take, in milliseconds; the first one installs and builds. */
  timeoutMs?: number;
};

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function temporaryDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'shmastra-e2e-'));
}

export async function removeDataDir(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true });
}

/** Runs the README's start command and waits until /health answers 200. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const port = await freePort();
  const dataDir = options.dataDir ?? (await temporaryDataDir());
  const started = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: checkout,
    env: {
      ...process.env,
      NODE_ENV: undefined,
      VITEST: undefined,
      PORT: String(port),
      DATA_DIR: dataDir,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString().replaceAll(colours, '');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const url = `http://localhost:${port}`;
  await waitUntilReady(child, () => output, options.timeoutMs ?? 900_000);
  const startedInMs = performance.now() - started;
  const health = await fetch(`${url}/health`);
  if (!health.ok) throw new Error(`npm start says that it is ready, /health says ${health.status}`);
  return {
    url,
    dataDir,
    setupUrl: /https?:\/\/\S+\/setup\?token=[^\s"']+/.exec(output)?.[0],
    startedInMs,
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => stop(child),
  };
}

async function waitUntilReady(child: ChildProcess, output: () => string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!output().includes('Shmastra Cloud is ready')) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output().slice(-4000)}`);
    if (Date.now() > deadline) {
      await stop(child);
      throw new Error(`npm start was not ready in ${timeoutMs} ms:\n${output().slice(-4000)}`);
    }
    await delay(20);
  }
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.pid === undefined) return child.exitCode;
  const ended = once(child, 'exit');
  // The whole group, as Ctrl-C in a terminal does.
  process.kill(-child.pid, 'SIGINT');
  const timer = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), 40_000);
  await ended;
  clearTimeout(timer);
  return child.exitCode;
}

/** Calls `probe` until it gives something; throws after `timeoutMs`. */
export async function waitFor<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  timeoutMs: number,
  what = 'the condition',
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not come true in ${timeoutMs} ms`);
    await delay(25);
  }
}
