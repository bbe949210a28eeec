import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, TestEngine } from '../testing/engine.ts';
import { authorityFile } from './certificate-store.ts';

const run = promisify(execFile);
const CLIENT = fileURLToPath(new URL('../testing/tls-client.ts', import.meta.url));
const LOOKUP = fileURLToPath(new URL('../testing/resolve-to-loopback.ts', import.meta.url));

describe('the engine with TLS', () => {
  let engine: TestEngine;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    engine = await TestEngine.start({ env: { ENGINE_TLS_PORT: String(port), ENGINE_DOMAIN: 'box.test' } });
  });
  afterAll(() => engine?.dispose());

  const get = (host: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      void readFile(authorityFile(engine.dataDir)).then((ca) => {
        const options = { host: '127.0.0.1', port, servername: host, ca, path: '/v2/sandboxes', agent: false as const };
        request({ ...options, headers: { host: `${host}:${port}`, ...headers } }, (answer) => {
          let text = '';
          answer.on('data', (chunk) => (text += chunk));
          answer.on('end', () => resolve({ status: answer.statusCode, text }));
        })
          .on('error', reject)
          .end();
      });
    });

  it.each(['e2b', 'e2b-2.45'])('is a cloud to %s, which knows its domain and its authority alone', async (sdk) => {
    const { stdout } = await run(process.execPath, ['--import', LOOKUP, CLIENT], {
      cwd: path.dirname(CLIENT),
      env: {
        PATH: process.env.PATH ?? '',
        SDK: sdk,
        E2B_API_KEY: engine.connection.apiKey,
        E2B_DOMAIN: `box.test:${port}`,
        NODE_EXTRA_CA_CERTS: authorityFile(engine.dataDir),
      },
    });
    expect(JSON.parse(stdout)).toEqual({
      domain: `box.test:${port}`,
      command: 'hello\n',
      file: 'content',
      signed: 'content',
      page: { status: 200, text: 'from 3000', forwarded: 'https' },
      socket: 'from the socket',
      closed: 502,
      states: ['running', 'paused', 'running'],
      killed: true,
    });
  });

  it('tells the domain of the listener that a call came by', async () => {
    const create = await fetch(`${engine.url}/v2/sandboxes`, {
      method: 'POST',
      headers: { 'x-api-key': engine.connection.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ templateID: 'base' }),
    });
    expect(await create.json()).toMatchObject({ domain: `box.test:${engine.port}` });
  });

  it('answers to whatever name it is called by, but only with a key', async () => {
    for (const host of ['api.box.test', 'box.test', 'localhost']) {
      expect((await get(host)).status).toBe(401);
      expect((await get(host, { 'x-api-key': engine.connection.apiKey })).status).toBe(200);
    }
    await expect(get('api.other.test')).rejects.toThrow(/altnames/);
  });

  it('prints its authority on demand', async () => {
    const cli = fileURLToPath(new URL('../shmastra-engine.mjs', import.meta.url));
    const ask = (...args: string[]) => run(cli, ['ca', '--data-dir', engine.dataDir, ...args]);
    expect((await ask()).stdout).toBe(await readFile(authorityFile(engine.dataDir), 'utf8'));
    expect((await ask('--path')).stdout.trim()).toBe(authorityFile(engine.dataDir));
  });

  it('keeps its authority over a restart', async () => {
    const before = await readFile(authorityFile(engine.dataDir), 'utf8');
    await engine.end('SIGTERM');
    await engine.launch();
    expect((await get('api.box.test')).status).toBe(401);
    expect(await readFile(authorityFile(engine.dataDir), 'utf8')).toBe(before);
  });
});
