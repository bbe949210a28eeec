import { createTool } from '@mastra/core/tools';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { TIME_QUESTION, TIME_RESULT, TIME_SCHEMA } from '../../../../local/demo-model/testing/start.ts';
import { RecordingGateway } from '../../testing/recording-gateway.ts';
import { codingAgent } from '../coding-agent.ts';
import type { Prices } from '../models/prices.ts';
import { readAgentSettings } from '../settings.ts';
import { runTurn } from './run-turn.ts';
import { TurnLog } from './turn-log.ts';
import { Turn } from './turn.ts';

const { limits } = readAgentSettings({ SHMASTRA_PROJECT_DIR: '/none', SHMASTRA_AGENT_MAX_DOLLARS: '0.5' });
const rates = { input: 1_000_000, cachedInput: 0, cacheWrite: 0, output: 1_000_000, reasoning: 0 };
const dear = Object.fromEntries(Object.entries(rates).map(([kind, rate]) => [kind, rate * 10_000]));

let gateway: RecordingGateway;
beforeAll(async () => void (gateway = await RecordingGateway.start()));
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.bodies.length = 0;
  vi.stubEnv('OPENAI_BASE_URL', gateway.environment.OPENAI_BASE_URL);
  vi.stubEnv('OPENAI_API_KEY', 'vk_test');
});
afterEach(() => void vi.unstubAllEnvs());

const currentTime = createTool({
  id: 'currentTime',
  description: 'Tells the time.',
  inputSchema: TIME_SCHEMA as never,
  execute: async () => TIME_RESULT,
});

/** A turn of two steps: a call of a tool, then the answer. */
async function turnWith(prices: Record<string, object>, models = ['openai/gpt-5-mini']) {
  const record = { turnId: 't', sessionId: 's', clientId: 'c', userMessageId: 'u', messageId: 'm', title: 'x' };
  const chosen = { tier: 'fast', model: models[0] ?? '', demo: false } as const;
  const turn = new Turn({ ...record, startedAt: '2026-05-01T10:00:00Z' }, new TurnLog(), chosen, 60_000);
  const content = { format: 2 as const, parts: [{ type: 'text' as const, text: TIME_QUESTION }] };
  const outcome = await runTurn(turn, async () => ({
    agent: codingAgent({ models, instructions: 'You help.', tools: { currentTime } }),
    messages: [{ id: 'u', role: 'user', createdAt: new Date(), content }],
    limits,
    prices: prices as Prices,
    settle: async () => {},
  }));
  await turn.end();
  const { chunks } = turn.log;
  return { outcome, turn: turn.data, chunks, notices: chunks.filter(({ type }) => type === 'data-notice') };
}

test('adds up what its model calls cost', async () => {
  const { outcome, turn, chunks, notices } = await turnWith({ 'openai/gpt-5-mini': rates });
  expect({ outcome, notices, steps: turn.steps }).toEqual({ outcome: 'done', notices: [], steps: 2 });
  const costs = chunks.flatMap((chunk) => (chunk.type === 'data-turn' ? [chunk.data.costMicros] : []));
  const [first = 0, both = 0] = [...new Set(costs)].filter((cost) => cost !== null);
  expect(first).toBeGreaterThan(0);
  expect(both).toBeGreaterThan(first);
  expect(turn.costMicros).toBe(both);
});

test('ends before the next model call once they have cost too much, with what the tools did', async () => {
  const { outcome, turn, chunks, notices } = await turnWith({ 'openai/gpt-5-mini': dear });
  expect({ outcome, steps: turn.steps, calls: gateway.bodies.length }).toEqual({ outcome: 'done', steps: 1, calls: 1 });
  expect(turn.costMicros).toBeGreaterThan(limits.costMicros);
  expect(chunks).toContainEqual(expect.objectContaining({ type: 'tool-output-available', output: TIME_RESULT }));
  expect(notices).toMatchObject([
    { data: { kind: 'limit', message: expect.stringContaining('a turn may cost $0.50') as string } },
  ]);
});

test('goes on when it does not know the price, and says that it does not', async () => {
  const { outcome, turn, notices } = await turnWith({ 'openai/another': dear });
  expect({ outcome, notices, steps: turn.steps }).toEqual({ outcome: 'done', notices: [], steps: 2 });
  expect(turn.costMicros).toBeNull();
});

test('counts with the price of the model that answers after a fall-back', async () => {
  vi.stubEnv('ANTHROPIC_API_KEY', 'vk_test');
  vi.stubEnv('ANTHROPIC_BASE_URL', `${gateway.url}/nobody`);
  const models = ['anthropic/claude-sonnet-5', 'openai/gpt-5-mini'];
  const { outcome, turn } = await turnWith({ 'anthropic/claude-sonnet-5': dear, 'openai/gpt-5-mini': rates }, models);
  expect(outcome).toBe('done');
  expect(turn.costMicros).toBeGreaterThan(0);
  expect(turn.costMicros).toBeLessThan(10_000);
});
