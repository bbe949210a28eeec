import { stat } from 'node:fs/promises';
import { Sandbox } from 'e2b';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { TestEngine } from '../testing/engine.ts';
import { askEngine, askForJson } from './client.ts';
import { SandboxDetail, SandboxFacts } from './facts.ts';
import { socketPath } from './socket.ts';
import { EngineStatus } from './status.ts';

let engine: TestEngine;
let socket: string;
beforeAll(async () => {
  engine = await TestEngine.start();
  socket = socketPath(engine.instance);
});
afterAll(() => engine.dispose());

const scrape = async (headers: Record<string, string>) => {
  const answer = await fetch(`${engine.url}/metrics`, { headers });
  return { status: answer.status, text: await answer.text() };
};

it('says that it is there and whether it has room, to everybody', async () => {
  expect(await (await fetch(`${engine.url}/health`)).json()).toMatchObject({ status: 'ok', state: 'ready' });
  expect((await fetch(`${engine.url}/ready`)).status).toBe(200);
});

it('is not ready while nothing new can start', async () => {
  const full = await TestEngine.start({ env: { ENGINE_MIN_FREE_MB: '1000000' } });
  try {
    const answer = await fetch(`${full.url}/ready`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({ state: 'full', reason: expect.stringContaining('disk') });
    expect((await fetch(`${full.url}/health`)).status).toBe(200);
  } finally {
    await full.dispose();
  }
});

it('counts what happens, for those with a key', async () => {
  const sandbox = await Sandbox.create('base', engine.connection);
  await sandbox.commands.run('true');
  await sandbox.pause();
  await Sandbox.connect(sandbox.sandboxId, engine.connection);
  await expect(Sandbox.create('no-such-template', engine.connection)).rejects.toThrow(/not found|doesn.t exist/);

  expect((await scrape({})).status).toBe(401);
  expect((await scrape({ authorization: 'Bearer e2b_wrong' })).status).toBe(401);
  expect((await scrape({ 'x-api-key': engine.connection.apiKey })).status).toBe(200);
  const { text } = await scrape({ authorization: `Bearer ${engine.connection.apiKey}` });
  const value = (line: string) =>
    Number(
      text
        .split('\n')
        .find((entry) => entry.startsWith(`${line} `))
        ?.split(' ')
        .at(-1),
    );
  expect(value('engine_sandboxes{state="running"}')).toBe(1);
  expect(value('engine_operation_duration_seconds_count{operation="create"}')).toBe(1);
  expect(value('engine_operation_duration_seconds_count{operation="pause"}')).toBe(1);
  expect(value('engine_operation_duration_seconds_count{operation="resume"}')).toBe(1);
  expect(value('engine_operation_failures_total{operation="create",kind="NotFound"}')).toBe(1);
  expect(value('engine_proxy_requests_total{code="2xx"}')).toBeGreaterThan(0);
  expect(value('engine_proxy_bytes_total{direction="sent"}')).toBeGreaterThan(0);
  expect(value('engine_proxy_open{kind="request"}')).toBe(0);
  expect(value('engine_sandboxes_memory_bytes')).toBeGreaterThan(1_000_000);
  expect(value('engine_sandboxes_disk_bytes')).toBeGreaterThan(10_000);
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  await sandbox.kill();
});

it('answers root on a socket, without secrets', async () => {
  const sandbox = await Sandbox.create('base', { ...engine.connection, envs: { API_KEY: 'sesame' } });
  const { mode, uid } = await stat(socket);
  expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o600, uid: 0 });
  const status = await askForJson(socket, 'GET /status', EngineStatus);
  expect(status).toMatchObject({ port: engine.port, pid: engine.pid, state: 'ready', sandboxes: { running: 1 } });

  const all = await askEngine(socket, 'GET /sandboxes');
  const [facts] = z.array(SandboxFacts).parse(JSON.parse(all));
  expect(facts).toMatchObject({ id: sandbox.sandboxId, template: 'base', state: 'running', memory: 'kept' });
  expect(facts?.usage?.processes).toBeGreaterThan(1);
  const call = `GET /sandboxes/${sandbox.sandboxId}`;
  const detail = await askForJson(socket, call, SandboxDetail);
  expect(detail.processes.some(({ command }) => command.includes('envd.cjs'))).toBe(true);
  expect(detail.mounts.map(({ type }) => type)).toEqual(expect.arrayContaining(['ext4', 'overlay']));
  expect(detail.network?.receivedBytes).toBeGreaterThan(0);
  expect(all + (await askEngine(socket, call))).not.toMatch(/sesame|envdToken/);

  await askEngine(socket, `POST /sandboxes/${sandbox.sandboxId}/pause`);
  expect((await sandbox.getInfo()).state).toBe('paused');
  await expect(askEngine(socket, `POST /sandboxes/${sandbox.sandboxId}/pause`)).rejects.toMatchObject({ code: 409 });
  await askEngine(socket, `POST /sandboxes/${sandbox.sandboxId}/resume`);
  expect((await sandbox.getInfo()).state).toBe('running');
  await askEngine(socket, `POST /sandboxes/${sandbox.sandboxId}/kill`);
  await expect(askEngine(socket, call)).rejects.toMatchObject({ code: 404 });
});

it('takes the socket over from an engine that was killed', async () => {
  await engine.end('SIGKILL');
  await expect(askEngine(socket, 'GET /status')).rejects.toThrow(/does not answer/);
  await engine.launch();
  expect(await askForJson(socket, 'GET /status', EngineStatus)).toMatchObject({ pid: engine.pid });
});
