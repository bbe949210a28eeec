import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount, jsonSchema, type LanguageModel, Output, streamText, tool } from 'ai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoModel, TIME_ANSWER, TIME_QUESTION, TIME_RESULT, TIME_SCHEMA } from './start.ts';

/** The client with which agents call their models. */
let demo: Awaited<ReturnType<typeof startDemoModel>>;
beforeAll(async () => {
  demo = await startDemoModel();
});
afterAll(() => demo.close());

const apiKey = 'none';
const models: [string, () => LanguageModel][] = [
  ['responses', () => createOpenAI({ apiKey, baseURL: `${demo.url}/openai/v1` })('gpt-5-mini')],
  ['responses, older model', () => createOpenAI({ apiKey, baseURL: `${demo.url}/openai/v1` })('gpt-4.1-mini')],
  ['chat', () => createOpenAI({ apiKey, baseURL: `${demo.url}/openai/v1` }).chat('gpt-4.1-mini')],
  ['anthropic', () => createAnthropic({ apiKey, baseURL: `${demo.url}/anthropic/v1` })('claude-sonnet-5')],
  ['google', () => createGoogleGenerativeAI({ apiKey, baseURL: `${demo.url}/google/v1beta` })('gemini-2.5-flash')],
];

const tools = {
  currentTime: tool({
    description: 'Tells the time.',
    inputSchema: jsonSchema<{ timeZone: string }>(TIME_SCHEMA as never),
    execute: async ({ timeZone }) => ({ ...TIME_RESULT, timeZone }),
  }),
};

test.each(models)(
  '%s: a loop with a tool, streamed, and a second question in the same conversation',
  async (_, model) => {
    const result = streamText({ model: model(), prompt: TIME_QUESTION, tools, stopWhen: isStepCount(4) });
    expect(await result.text).toBe(TIME_ANSWER);
    const steps = await result.steps;
    expect(steps.map((step) => step.finishReason)).toEqual(['tool-calls', 'stop']);
    expect(steps.every((step) => (step.usage.totalTokens ?? 0) > 0)).toBe(true);

    const { messages } = await result.response;
    const again = await generateText({
      model: model(),
      tools,
      messages: [{ role: 'user', content: TIME_QUESTION }, ...messages, { role: 'user', content: 'Count to 3' }],
    });
    expect(again.text).toBe('Demo model: 1 2 3');
    expect(again.finishReason).toBe('stop');
  },
);

test.each(models)('%s: structured output', async (_, model) => {
  const schema = jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  });
  const { output } = await generateText({ model: model(), prompt: 'Where?', output: Output.object({ schema }) });
  expect(output).toEqual({ city: 'Demo model: scripted value' });
});
