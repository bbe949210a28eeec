import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyProject } from '../testing/project.ts';
import { RunningRunner } from '../testing/running-runner.ts';
import { installTools, type Tools } from '../testing/tools.ts';

type Seen = { method?: string; url?: string; headers: IncomingHttpHeaders };

let tools: Tools;
let project: Awaited<ReturnType<typeof copyProject>>;
let runner: RunningRunner;
const seen: Seen[] = [];
// Stands in for the gateway: what reaches it is what counts. A 400 is final for every provider's client.
const gateway = createServer(({ method, url, headers }, response) => {
  seen.push({ method, url, headers });
  response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no","code":400}}');
});

async function ask(model: string): Promise<Seen | undefined> {
  const base = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const { revision } = await runner.health();
  await runner.writeEnvironment({
    DEFAULT_MODEL: model,
    OPENAI_API_KEY: 'vk_key',
    ANTHROPIC_API_KEY: 'vk_key',
    GOOGLE_GENERATIVE_AI_API_KEY: 'vk_key',
    OPENAI_BASE_URL: `${base}/openai/v1`,
    ANTHROPIC_BASE_URL: `${base}/anthropic/v1`,
    GOOGLE_BASE_URL: `${base}/google/v1beta`,
  });
  await runner.until((report) => report.revision > revision);
  seen.length = 0;
  const headers = { 'content-type': 'application/json' };
  await runner.send('POST', '/api/agents/assistant/stream', '{"messages":"Hello"}', undefined, headers);
  return seen[0];
}

beforeAll(async () => {
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  tools = await installTools();
  project = await copyProject(tools);
  runner = await RunningRunner.start(tools, project.projectDir);
  await runner.until(({ state }) => state === 'ready');
});
afterAll(async () => {
  await runner?.stop();
  await project?.remove();
  gateway.close();
});

describe('model calls', () => {
  it.each([
    ['openai/gpt-5-mini', '/openai/v1/responses', 'authorization', 'Bearer vk_key'],
    ['anthropic/claude-haiku-4-5', '/anthropic/v1/messages', 'x-api-key', 'vk_key'],
    [
      'google/gemini-2.5-flash',
      '/google/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
      'x-goog-api-key',
      'vk_key',
    ],
  ])('of %s go to the gateway', async (model, url, header, value) => {
    const request = await ask(model);
    expect(request?.url).toBe(url);
    expect(request?.headers[header]).toBe(value);
  });

  it('leave no provider out of the list, and ask nobody for it', async () => {
    const { status, body } = await runner.get('/api/agents/providers');
    expect(status).toBe(200);
    const { providers } = JSON.parse(body) as { providers: { id: string }[] };
    expect(providers.map(({ id }) => id)).toEqual(expect.arrayContaining(['openai', 'anthropic', 'google']));
    expect(runner.output.join('\n')).not.toContain('Failed to fetch providers');
  });
});

describe('traces', () => {
  const traces = async () => {
    const { status, body } = await runner.get('/api/observability/traces');
    return { status, total: (JSON.parse(body) as { pagination?: { total: number } }).pagination?.total ?? 0 };
  };

  it('are kept across reloads and new processes', async () => {
    const deadline = Date.now() + 30_000;
    while ((await traces()).total === 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const before = await traces();
    expect(before.total).toBeGreaterThan(0);

    const { revision } = await runner.health();
    const agents = join(project.projectDir, 'src/mastra/agents/index.ts');
    await writeFile(
      agents,
      "import { assistant } from './assistant';\nexport const agents = { assistant, again: assistant };\n",
    );
    await runner.until((report) => report.revision > revision);
    expect((await traces()).total).toBeGreaterThanOrEqual(before.total);

    // An install is through.
    const marker = join(project.projectDir, 'node_modules/.modules.yaml');
    await utimes(marker, new Date(), new Date());
    await runner.until((report) => report.revision > revision + 1);
    while ((await traces()).status !== 200 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await traces()).total).toBeGreaterThanOrEqual(before.total);
  });
});
