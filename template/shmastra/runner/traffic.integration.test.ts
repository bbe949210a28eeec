import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { copyProject } from '../testing/project.ts';
import { keepAsking } from '../testing/keep-asking.ts';
import { RunningRunner, TOKEN } from '../testing/running-runner.ts';
import { installTools, type Tools } from '../testing/tools.ts';

let tools: Tools;
let project: Awaited<ReturnType<typeof copyProject>>;
let runner: RunningRunner;

// Routes of the project that do what the tests need.
const ROUTES = `
import { createHash } from 'node:crypto';
import { registerApiRoute } from '@mastra/core/server';

const state = (globalThis as unknown as { seen: { ended: (string | undefined)[]; calls: number } }).seen ??= { ended: [], calls: 0 };

export const apiRoutes = [
  registerApiRoute('/test/ticks', { method: 'GET', handler: (c) => {
    const encoder = new TextEncoder();
    let timer: ReturnType<typeof setInterval>;
    return new Response(new ReadableStream({
      start(controller) {
        let count = 0;
        timer = setInterval(() => controller.enqueue(encoder.encode('data: ' + count++ + '\\n\\n')), 20);
      },
      cancel() { clearInterval(timer); state.ended.push(c.req.query('name')); },
    }), { headers: { 'content-type': 'text/event-stream' } });
  } }),
  registerApiRoute('/test/upload', { method: 'POST', handler: async (c) => {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of c.req.raw.body as unknown as AsyncIterable<Uint8Array>) { hash.update(chunk); bytes += chunk.length; }
    return c.json({ bytes, hash: hash.digest('hex'), authorization: c.req.header('authorization') ?? null });
  } }),
  registerApiRoute('/test/state', { method: 'GET', handler: (c) => c.json({ ...state, pid: process.pid, env: Object.keys(process.env), mine: process.env.MY_SETTING ?? null }) }),
  registerApiRoute('/test/exit', { method: 'POST', handler: () => { state.calls++; process.exit(7); } }),
  registerApiRoute('/test/throw', { method: 'POST', handler: (c) => { setTimeout(() => { throw new Error('nobody catches this'); }, 1); return c.json({}); } }),
  registerApiRoute('/test/reject', { method: 'POST', handler: (c) => { void Promise.reject(new Error('nobody handles this')); return c.json({}); } }),
  registerApiRoute('/test/loop', { method: 'POST', handler: () => { for (;;) {} } }),
];
`;

type State = { ended: string[]; pid: number; env: string[]; mine: string | null };
/** A crowded machine may take longer to start the app again than a request waits. */
const state = async () => {
  const { body } = await eventually(
    () => runner.get('/test/state'),
    ({ status }) => status === 200,
  );
  return JSON.parse(body) as State;
};

function open(path: string, method = 'GET'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: runner.port,
        path,
        method,
        agent: false,
        headers: { authorization: `Bearer ${TOKEN}` },
      },
      resolve,
    );
    sent.on('error', reject);
    sent.end();
  });
}

async function eventually<T>(read: () => Promise<T>, wanted: (value: T) => boolean, timeoutMs = 40_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (wanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

beforeAll(async () => {
  tools = await installTools();
  project = await copyProject(tools);
  await writeFile(join(project.projectDir, 'src/mastra/routes.ts'), ROUTES);
  const index = join(project.projectDir, 'src/mastra/index.ts');
  await writeFile(
    index,
    `import { Mastra } from '@mastra/core/mastra';
import { agents } from './agents/index';
import { apiRoutes } from './routes';
import { storage } from './storage';
export const mastra = new Mastra({ agents, storage, server: { apiRoutes } });
`,
  );
  runner = await RunningRunner.start(tools, project.projectDir);
  await runner.until(({ state }) => state === 'ready');
});
afterAll(async () => {
  await runner?.stop();
  await project?.remove();
});

describe('requests to the app', () => {
  it('streams each event when it is sent, through a reload too', async () => {
    const response = await open('/test/ticks');
    expect(response.headers['content-type']).toBe('text/event-stream');
    const chunks: string[] = [];
    response.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
    await eventually(
      async () => chunks.length,
      (count) => count >= 5,
    );
    const { revision } = await runner.health();
    await writeFile(
      join(project.projectDir, 'src/mastra/routes.ts'),
      `${ROUTES}\n// changed\nexport const changed = 1;\n`,
    );
    await writeFile(
      join(project.projectDir, 'src/mastra/tools/another.ts'),
      `import { createTool } from '@mastra/core/tools';
import { z } from 'zod';
export const another = createTool({ id: 'another', description: 'x', inputSchema: z.object({}), execute: async () => ({}) });
`,
    );
    await runner.until((report) => report.revision > revision);
    const before = chunks.length;
    await eventually(
      async () => chunks.length,
      (count) => count >= before + 5,
    );
    expect(chunks.join('').startsWith('data: 0\n\ndata: 1\n\n')).toBe(true);
    await eventually(
      async () => (await runner.get('/api/tools')).body,
      (tools) => tools.includes('another'),
    );
    response.destroy();
  });

  it('passes the end of a client on to the app', async () => {
    const response = await open('/test/ticks?name=leaving');
    await once(response, 'data');
    expect((await state()).ended).not.toContain('leaving');
    response.destroy();
    const { ended } = await eventually(state, (now) => now.ended.includes('leaving'));
    expect(ended.filter((name) => name === 'leaving')).toHaveLength(1);
  });

  it('forwards a large upload unchanged, and keeps the token to itself', async () => {
    const body = 'x'.repeat(3_000_000);
    const { createHash } = await import('node:crypto');
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }, { expect: '100-continue' }]) {
      const answer = await runner.send('POST', '/test/upload', body, TOKEN, headers as Record<string, string>);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({
        bytes: body.length,
        hash: createHash('sha256').update(body).digest('hex'),
        authorization: null,
      });
    }
    expect((await state()).env).not.toContain('SHMASTRA_SERVER_TOKEN');
    expect((await state()).env).toContain('OPENAI_API_KEY');
  });

  it('forwards the upgrade to a WebSocket', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${runner.port}/browser/assistant/stream`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const [first] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(first.toString())).toEqual({ status: 'connected' });
    socket.close();
    await once(socket, 'close');
    const refused = new WebSocket(`ws://127.0.0.1:${runner.port}/browser/assistant/stream`);
    const [error] = (await once(refused, 'error')) as [Error];
    expect(error.message).toContain('401');
  });

  it('tells followers about each change', async () => {
    const response = await open('/__shmastra/events');
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const { revision } = await runner.health();
    await writeFile(join(project.projectDir, 'src/mastra/routes.ts'), ROUTES.replace('/test/ticks', '/test/ticks2'));
    await runner.until((report) => report.revision > revision);
    await eventually(
      async () => text,
      (all) => all.includes(`data: {"revision":${revision + 1},"state":"ready"}\n\n`),
    );
    expect(text.startsWith(`data: {"revision":${revision},"state":"ready"}\n\n`)).toBe(true);
    response.destroy();
  });

  it('survives garbage on its port', async () => {
    const socket = connect(runner.port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    socket.end('\x16\x03\x01 not http\r\n\r\n');
    await once(socket, 'close');
    expect((await runner.health()).state).toBe('ready');
  });
});

describe('an app that stops', () => {
  it('is started again, and requests wait for it', async () => {
    const { pid } = await state();
    const { revision } = await runner.health();
    const exiting = await runner.send('POST', '/test/exit');
    // Begun and perhaps half done: nobody may do it again.
    expect(exiting.status).toBe(502);
    const next = await state();
    expect(next.pid).not.toBe(pid);
    expect((await runner.health()).revision).toBe(revision + 1);
  });

  it('goes on after a rejected promise, and starts anew after an exception that nobody caught', async () => {
    await eventually(
      async () => (await runner.health()).state,
      (now) => now === 'ready',
    );
    const { pid } = await state();
    await runner.send('POST', '/test/reject');
    expect((await state()).pid).toBe(pid);
    await runner.send('POST', '/test/throw');
    await eventually(state, (now) => now.pid !== pid);
  });

  it('is ended when it hangs', async () => {
    const { pid } = await state();
    const hanging = runner.send('POST', '/test/loop');
    expect((await hanging).status).toBe(502);
    await runner.until((report) => report.state === 'ready');
    expect((await state()).pid).not.toBe(pid);
  }, 40_000);
});

describe('the environment', () => {
  it('reaches the app when it changes, and so does .env', async () => {
    const load = keepAsking(async () => (await runner.get('/api/agents')).status);
    let statuses: number[] = [];
    try {
      await writeFile(join(project.projectDir, '.env'), 'MY_SETTING=from the file\nOPENAI_API_KEY=not this one\n');
      await eventually(state, (now) => now.mine === 'from the file');
      await runner.writeEnvironment({ MY_SETTING: 'from the control plane' });
      await eventually(state, (now) => now.mine === 'from the control plane');
    } finally {
      statuses = await load.stop();
    }
    // Held for as long as a request may wait, never refused in another way.
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });

  it('takes a new token', async () => {
    await runner.writeEnvironment({ SHMASTRA_SERVER_TOKEN: 'another' });
    await eventually(
      async () => (await runner.get('/api/agents', 'another')).status,
      (status) => status === 200,
    );
    expect((await runner.get('/api/agents')).status).toBe(401);
  });
});
