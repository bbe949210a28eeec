import { type ChildProcess, execFile, fork, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { FRONT_ENVIRONMENT, FRONT_FLAGS } from '../../local/services.ts';
import { freePort } from '../../server/front/testing.ts';
import { surround } from './surroundings.ts';

/** Something between the client and the provider. */
export type Candidate = {
  name: string;
  port: number;
  path: string;
  headers: Record<string, string>;
  /** The process that does the work. */
  pid: number;
  stop(): Promise<void>;
};

const CACHE = resolve(import.meta.dirname, '../../.cache/bench');
const run = promisify(execFile);
const readySchema = z.object({ port: z.number() });
const json = { 'content-type': 'application/json' };

async function startFork(role: string, ...args: string[]) {
  // As the supervisor starts the front.
  const execArgv = [...process.execArgv, ...FRONT_FLAGS];
  const env = { ...process.env, ...FRONT_ENVIRONMENT, NODE_COMPILE_CACHE: join(CACHE, 'compiled') };
  // What it logs goes into a file, as in a box.
  const file = await mkdtemp(join(tmpdir(), 'shmastra-bench-log-'));
  const log = await open(join(file, 'log'), 'w');
  const stdio: StdioOptions = ['ignore', log.fd, 'inherit', 'ipc'];
  const child = fork(resolve(import.meta.dirname, 'server.ts'), [role, ...args], { execArgv, env, stdio });
  // It holds the file open by itself, and nobody reads it.
  await log.close();
  await rm(file, { recursive: true });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The process for ${role} ended before it was ready.`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
  ended.catch(() => {});
  return { ...readySchema.parse(message), pid: child.pid ?? 0, stop: () => stop(child) };
}

export async function startDirect(): Promise<Candidate> {
  const upstream = await startFork('upstream');
  return { ...upstream, name: 'direct', path: '/v1/chat/completions', headers: json };
}

const OUR_PATH = '/api/gateway/openai/v1/chat/completions';

/** The same transport as the front's, without key, limits and books. */
export async function startBare(upstreamPort: number): Promise<Candidate> {
  const bare = await startFork('bare', String(upstreamPort));
  const key = `vk_${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}_${'0'.repeat(32)}`;
  return { ...bare, name: 'bare', path: OUR_PATH, headers: { ...json, authorization: `Bearer ${key}` } };
}

export async function startFull(upstreamPort: number): Promise<Candidate> {
  const around = await surround();
  try {
    const start = () => startFork('full', String(upstreamPort), around.databaseUrl, around.folder);
    // As at every start but the first of a version, Node finds what it compiled.
    await (await start()).stop();
    const full = await start();
    const stopBoth = async (): Promise<void> => {
      await full.stop();
      await around.remove();
    };
    const headers = { ...json, authorization: `Bearer ${around.key}` };
    return { ...full, name: 'full', path: OUR_PATH, headers, stop: stopBoth };
  } catch (error) {
    await around.remove();
    throw error;
  }
}

/** nginx as Debian packages it, one worker, with connections to the provider kept. Null when it is not installed. */
export async function startNginx(upstreamPort: number): Promise<Candidate | null> {
  const binary = '/usr/sbin/nginx';
  if (!existsSync(binary)) {
    console.error('nginx is not measured: it is not installed (apt-get install nginx-light)');
    return null;
  }
  const folder = await mkdtemp(join(tmpdir(), 'shmastra-bench-nginx-'));
  const port = await freePort();
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  await writeFile(
    join(folder, 'nginx.conf'),
    `${user} worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 8192; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream provider { server 127.0.0.1:${upstreamPort}; keepalive 1024; }
  server { listen 127.0.0.1:${port} backlog=2048; location / { proxy_pass http://provider; proxy_http_version 1.1;
    proxy_set_header Connection ""; proxy_buffering off; proxy_request_buffering off; keepalive_requests 1000000; } } }`,
  );
  const child = spawn(binary, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  await listening(port);
  const { stdout } = await run('pgrep', ['-P', String(child.pid)]);
  const stopAll = async (): Promise<void> => {
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  return {
    name: 'nginx',
    port,
    path: '/v1/chat/completions',
    headers: json,
    pid: Number(stdout.trim()),
    stop: stopAll,
  };
}

const NODE_20 = `node-linux-${process.arch}`;
const PORTKEY = {
  private: true,
  // The Node of the image that its makers publish (node:20-alpine).
  dependencies: { '@portkey-ai/gateway': '1.15.2', [NODE_20]: '20.20.2' },
  // With later ones every stream fails.
  overrides: { '@hono/node-server': '1.13.8', hono: '4.9.7' },
};

/**
 * Portkey's gateway, installed into the cache at its first use: as its makers ship it, on Node 20, and on the Node that
 * ours runs on, where it is twice as fast. Null when it cannot be installed.
 */
export async function startPortkey(upstreamPort: number, on: 'its-node' | 'our-node'): Promise<Candidate | null> {
  const folder = join(CACHE, 'portkey');
  const entry = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const node20 = join(folder, 'node_modules', NODE_20, 'bin/node');
  try {
    if (!existsSync(entry) || !existsSync(node20)) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'package.json'), JSON.stringify(PORTKEY));
      await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder });
    }
  } catch {
    return null;
  }
  const port = await freePort();
  const env = { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' };
  const node = on === 'its-node' ? node20 : process.execPath;
  const child = spawn(node, [entry, `--port=${port}`, '--headless'], { stdio: 'ignore', env });
  await listening(port);
  const headers = {
    ...json,
    authorization: 'Bearer sk-bench',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
  };
  return {
    name: on === 'its-node' ? 'portkey' : 'portkey_our_node',
    port,
    path: '/v1/chat/completions',
    headers,
    pid: child.pid ?? 0,
    stop: () => stop(child),
  };
}

async function listening(port: number): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`Nothing listens on port ${port}.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(timer);
}
