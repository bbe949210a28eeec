import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoModel, TIME_ANSWER, TIME_QUESTION, TIME_RESULT, TIME_SCHEMA } from '../testing/start.ts';

let demo: Awaited<ReturnType<typeof startDemoModel>>;
let client: Anthropic;
beforeAll(async () => {
  demo = await startDemoModel();
  client = new Anthropic({ apiKey: 'none', baseURL: `${demo.url}/anthropic`, maxRetries: 0 });
});
afterAll(() => demo.close());

const common = { model: 'claude-sonnet-5', max_tokens: 500 };
const input_schema = { ...TIME_SCHEMA, type: 'object' as const };
const tools: Anthropic.Tool[] = [{ name: 'current_time', description: 'The time.', input_schema }];

test('text, and the same number of tokens when counted beforehand', async () => {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Why is the sky blue?' }];
  const message = await client.messages.create({ ...common, system: 'Be brief.', messages });
  expect(message).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
  expect(message.content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/^Demo model: /) });
  const counted = await client.messages.countTokens({ model: common.model, system: 'Be brief.', messages });
  expect(counted.input_tokens).toBe(message.usage.input_tokens);
});

test('a streamed text has the events of the Messages API in their order', async () => {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Count to 5' }];
  const stream = client.messages.stream({ ...common, messages });
  const types: string[] = [];
  for await (const { type } of stream) if (types.at(-1) !== type) types.push(type);
  expect(types).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
  const final = await stream.finalMessage();
  expect(final.content).toMatchObject([{ text: 'Demo model: 1 2 3 4 5' }]);
  const whole = await client.messages.create({ ...common, messages });
  expect(final.usage).toEqual(whole.usage);
});

test('a tool call and back, streamed', async () => {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: TIME_QUESTION }];
  const first = await client.messages.stream({ ...common, messages, tools }).finalMessage();
  expect(first.stop_reason).toBe('tool_use');
  const call = first.content.find((block) => block.type === 'tool_use');
  expect(call?.input).toEqual({ timeZone: 'Europe/Berlin' });

  const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: JSON.stringify(TIME_RESULT) };
  messages.push({ role: 'assistant', content: first.content });
  messages.push({ role: 'user', content: [result, { type: 'text', text: 'Reminder: be brief.' }] });
  const second = await client.messages.create({ ...common, messages, tools });
  expect(second.content).toMatchObject([{ text: TIME_ANSWER }]);
});

test('a cut answer says so', async () => {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Count to 100' }];
  const message = await client.messages.create({ ...common, max_tokens: 4, messages });
  expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 4 } });
});

test('errors have the format of Anthropic', async () => {
  const wrong = client.post('/v1/messages', { body: { model: 'm', messages: [{ role: 'user', content: 'x' }] } });
  await expect(wrong).rejects.toMatchObject({
    status: 400,
    error: {
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('max_tokens') },
    },
  });
  await expect(client.get('/v1/files')).rejects.toMatchObject({
    status: 404,
    error: { error: { type: 'not_found_error' } },
  });
});

test('models', async () => {
  const { data } = await client.models.list();
  expect(data[0]).toMatchObject({ type: 'model', display_name: expect.stringContaining('Demo model') });
});
