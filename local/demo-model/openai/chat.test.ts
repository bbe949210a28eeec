import OpenAI from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoModel, TIME_ANSWER, TIME_QUESTION, TIME_RESULT, TIME_SCHEMA } from '../testing/start.ts';

let demo: Awaited<ReturnType<typeof startDemoModel>>;
let client: OpenAI;
beforeAll(async () => {
  demo = await startDemoModel();
  client = new OpenAI({ apiKey: 'none', baseURL: `${demo.url}/openai/v1`, maxRetries: 0 });
});
afterAll(() => demo.close());

const model = 'gpt-4.1-mini';
const tools = [
  {
    type: 'function' as const,
    function: { name: 'currentTime', description: 'The time.', parameters: TIME_SCHEMA },
  },
];

test('text, with usage that adds up', async () => {
  const messages: ChatCompletionMessageParam[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
  ];
  const { choices, usage } = await client.chat.completions.create({ model, messages });
  expect(choices[0]?.message.content).toMatch(/^Demo model: hello!/);
  expect(choices[0]?.finish_reason).toBe('stop');
  expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
});

test('usage is streamed to those who ask for it, and is that of the whole answer', async () => {
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Count to 5' }];
  const collect = async (include_usage: boolean) => {
    const stream_options = include_usage ? { include_usage } : null;
    const chunks = [];
    const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options });
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
  };
  const plain = await collect(false);
  expect(plain.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Demo model: 1 2 3 4 5');
  expect(plain.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  expect(plain.some((chunk) => 'usage' in chunk)).toBe(false);

  const counted = await collect(true);
  const whole = await client.chat.completions.create({ model, messages });
  expect(counted.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  expect(counted[0]?.usage).toBe(null);
});

test('a tool call and back, streamed', async () => {
  const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: TIME_QUESTION }];
  const first = await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
  expect(first.choices[0]?.finish_reason).toBe('tool_calls');
  const message = first.choices[0]?.message;
  const call = message?.tool_calls?.[0];
  if (!message || call?.type !== 'function') throw new Error('no tool call');
  expect(JSON.parse(call.function.arguments)).toEqual({ timeZone: 'Europe/Berlin' });

  messages.push(message, { role: 'tool', tool_call_id: call.id, content: JSON.stringify(TIME_RESULT) });
  const second = await client.chat.completions.create({ model, messages, tools });
  expect(second.choices[0]?.message.content).toBe(TIME_ANSWER);
});

test('errors have the format of OpenAI', async () => {
  const empty = client.chat.completions.create({ model, messages: [] });
  await expect(empty).rejects.toMatchObject({ status: 400, type: 'invalid_request_error', param: 'messages' });
});
