import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EditedProject } from '../testing/edited-project.ts';
import { keepAsking } from '../testing/keep-asking.ts';

// What code that is live can do to its process. The names are those of the table in docs/runner.md.

const LIMIT_MB = 700;

const ROUTES = `
import { registerApiRoute } from '@mastra/core/server';

const held: Buffer[] = [];
export const apiRoutes = [
  registerApiRoute('/test/pid', { method: 'GET', handler: (c) => c.json({ pid: process.pid, upMs: process.uptime() * 1000, heldMb: held.length }) }),
  registerApiRoute('/test/exit', { method: 'POST', handler: () => process.exit(7) }),
  registerApiRoute('/test/loop', { method: 'POST', handler: () => { for (;;) {} } }),
  registerApiRoute('/test/throw', { method: 'POST', handler: (c) => {
    setTimeout(() => { throw new Error('nobody catches this'); }, 1);
    return c.json({});
  } }),
  registerApiRoute('/test/reject', { method: 'POST', handler: (c) => {
    void Promise.reject(new Error('nobody handles this'));
    return c.json({});
  } }),
  registerApiRoute('/test/heap', { method: 'POST', handler: () => {
    const all: unknown[] = [];
    for (;;) all.push(new Array(1_000_000).fill(Math.random()));
  } }),
  registerApiRoute('/test/hold', { method: 'POST', handler: async (c) => {
    for (let mb = 0; mb < Number(c.req.query('mb')); mb++) {
      held.push(Buffer.alloc(1024 * 1024, 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return c.json({});
  } }),
];
`;

const INDEX = `import './fault';
import { Mastra } from '@mastra/core/mastra';
import { agents } from './agents/index';
import { apiRoutes } from './routes';
import { storage } from './storage';
export const mastra = new Mastra({ agents, storage, server: { apiRoutes } });
`;

/** A version that has served for so long is not suspected when its process ends. */
const PROVEN_MS = 11_000;

/** Where something is in the routes, as the log says it. */
function placeOf(text: string): string {
  const line = ROUTES.slice(0, ROUTES.indexOf(text)).split('\n').length;
  return `"file":"src/mastra/routes.ts","line":${line}`;
}

let project: EditedProject;

beforeAll(async () => {
  project = await EditedProject.start({
    files: { 'src/mastra/routes.ts': ROUTES },
    settings: { SHMASTRA_APP_MEMORY_MB: String(LIMIT_MB) },
  });
  const { revision } = await project.runner.health();
  await project.write(INDEX, 'src/mastra/index.ts');
  await project.runner.until((report) => report.revision > revision);
  const live = Date.now();
  await eventually(async () => Date.now() - live > PROVEN_MS || undefined);
});
afterAll(() => project?.stop());

type Status = { pid: number; upMs: number; heldMb: number };

/** A crowded machine may take longer to start the app again than a request waits. */
async function status(): Promise<Status> {
  return eventually(async () => {
    const { status: code, body } = await project.runner.get('/test/pid');
    return code === 200 ? (JSON.parse(body) as Status) : undefined;
  });
}

async function eventually<T>(read: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`not yet:\n${project.runner.output.slice(-10).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits for another process, while requests come in; gives their answers. */
async function replaced(cause: () => Promise<unknown>): Promise<Set<number>> {
  const { pid } = await status();
  const asking = keepAsking(async () => (await project.runner.get('/api/agents')).status);
  try {
    await cause();
    await eventually(async () => ((await status()).pid === pid ? undefined : true));
  } finally {
    await asking.stop();
  }
  return new Set(await asking.stop());
}

/** The line of the log that has all of these in it. */
const logged = (...texts: string[]) =>
  eventually(async () => project.runner.output.find((line) => texts.every((text) => line.includes(text))));

describe('an app recovers from', () => {
  it('an unhandled rejection while serving', async () => {
    const { pid } = await status();
    await project.runner.send('POST', '/test/reject');
    expect(await logged('A promise was rejected and nobody handled it.')).toContain('src/mastra/routes.ts:14');
    expect((await status()).pid).toBe(pid);
  });

  it('an uncaught exception while serving', async () => {
    await replaced(() => project.runner.send('POST', '/test/throw'));
    const line = await logged('"the app process is gone"', 'nobody catches this');
    expect(line).toContain(placeOf("new Error('nobody catches this')"));
  });

  it('process.exit while serving', async () => {
    await project.runner.until(({ state }) => state === 'ready');
    await replaced(() => project.runner.send('POST', '/test/exit'));
    expect(await logged('"the app process is gone"', 'exit code 7')).toBeDefined();
  });

  it('an endless loop while serving', async () => {
    await project.runner.until(({ state }) => state === 'ready');
    await replaced(() => project.runner.send('POST', '/test/loop'));
    const line = await logged('kept the process busy');
    expect(line).toContain(placeOf('for (;;) {}'));
  });

  it('endless memory while serving', async () => {
    await project.runner.until(({ state }) => state === 'ready');
    await replaced(() => project.runner.send('POST', '/test/heap'));
    expect(await logged('"the app process is gone"', 'more memory than')).toBeDefined();
  });

  it('memory past the limit', async () => {
    await project.runner.until(({ state }) => state === 'ready');
    const statuses = await replaced(() => project.runner.send('POST', `/test/hold?mb=${LIMIT_MB}`));
    // Another process took over: requests waited, for as long as they may.
    expect([...statuses].filter((code) => code !== 200 && code !== 503)).toEqual([]);
    expect((await status()).heldMb).toBe(0);
    await logged('"reason":"full"');
  });

  it('a version that keeps crashing', async () => {
    await project.runner.until(({ state }) => state === 'ready');
    const { revision } = await project.runner.health();
    await project.write("setTimeout(() => { throw new Error('soon after'); }, 300);\nexport {};\n");
    const report = await project.runner.until(
      (now) => now.state === 'ready' && now.revision > revision + 1 && now.error !== undefined,
      60_000,
    );
    expect(report.error?.message).toMatch(/stopped twice right after this version went live: .*soon after/);
    expect(report.error).toMatchObject({ file: 'src/mastra/fault.ts', line: 1 });
    // Well past the 300 ms after which the bad version's process ends, it is still the same one.
    const { pid, upMs } = await status();
    const now = await eventually(async () => {
      const later = await status();
      return later.pid !== pid || later.upMs > upMs + 1000 ? later : undefined;
    });
    expect(now.pid).toBe(pid);
    await project.mend();
  });
});

describe('a slow leak', () => {
  it('is ended at a quiet moment', async () => {
    await project.write("export const fault = 'a new process';\nconsole.log(fault);\n", 'src/mastra/fault.ts');
    await project.write('MY_SETTING=1\n', '.env');
    const { pid } = await status();
    await eventually(async () => ((await status()).pid === pid ? undefined : true));
    // Long enough for its size from the start to be known.
    const ready = Date.now();
    await eventually(async () => (Date.now() - ready > 7000 ? true : undefined));
    await project.runner.send('POST', '/test/hold?mb=250');
    await logged('"reason":"grown"');
    await expect.poll(async () => (await status()).heldMb, { timeout: 30_000 }).toBe(0);
  });
});
