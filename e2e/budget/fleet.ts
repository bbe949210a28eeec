import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, writeStudio, writeWidget } from '../../server/front/testing.ts';

/** Fronts on one database, with their journals on one disk. */
export type Fleet = {
  urls: string[];
  /** kill -9 and start again on the same port. */
  kill(index: number): Promise<void>;
  /** Ends them properly. */
  stop(): Promise<void>;
  remove(): Promise<void>;
};

export async function startFleet(size: number, env: NodeJS.ProcessEnv): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-budget-'));
  await mkdir(join(folder, 'studio'), { recursive: true });
  await Promise.all([writeStudio(join(folder, 'studio')), writeWidget(join(folder, 'widget'))]);
  const ports = await Promise.all(Array.from({ length: size }, () => freePort()));
  const fronts = new Map<number, ChildProcess>();

  async function start(index: number): Promise<void> {
    const child = spawn(process.execPath, [fileURLToPath(new URL('front-process.ts', import.meta.url))], {
      env: {
        PATH: process.env['PATH'],
        AUTH_SECRET: 'a secret of the proof that is long enough',
        DEPLOYMENT_ID: 'budget-proof',
        E2B_API_KEY: 'e2b_00',
        LOG_LEVEL: 'error',
        WEB_SOCKET: join(folder, 'no-web.sock'),
        STUDIO_FOLDER: join(folder, 'studio'),
        WIDGET_FOLDER: join(folder, 'widget'),
        USAGE_JOURNAL_DIR: join(folder, 'usage'),
        PORT: String(ports[index]),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    fronts.set(index, child);
    await once(child.stdout, 'data');
    child.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  }

  async function end(index: number, signal: NodeJS.Signals): Promise<void> {
    const child = fronts.get(index);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  await Promise.all(ports.map((_, index) => start(index)));
  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    kill: async (index) => {
      await end(index, 'SIGKILL');
      await start(index);
    },
    stop: async () => {
      await Promise.all(ports.map((_, index) => end(index, 'SIGTERM')));
    },
    remove: async () => {
      await Promise.all(ports.map((_, index) => end(index, 'SIGKILL')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type ClientCounts = Record<'answered' | 'hungUp' | 'refusedForNow' | 'refused' | 'broken' | 'other', number>;

export async function runClients(options: object): Promise<ClientCounts> {
  const script = fileURLToPath(new URL('client-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return JSON.parse(output) as ClientCounts;
}
