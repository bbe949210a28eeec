import OpenAI from 'openai';
import type { ResponseInputItem } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoModel, TIME_ANSWER, TIME_QUESTION, TIME_RESULT, TIME_SCHEMA } from '../testing/start.ts';

let demo: Awaited<ReturnType<typeof startDemoModel>>;
let client: OpenAI;
beforeAll(async () => {
  demo = await startDemoModel();
  client = new OpenAI({ apiKey: 'none', baseURL: `${demo.url}/openai/v1`, maxRetries: 0 });
});
afterAll(() => demo.close());

const tools = [
  { type: 'function' as const, name: 'currentTime', description: 'The time.', parameters: TIME_SCHEMA, strict: true },
];

test('text, with usage that adds up', async () => {
  const response = await client.responses.create({ model: 'gpt-5-mini', input: 'Why is the sky blue?' });
  expect(response).toMatchObject({ object: 'response', status: 'completed', model: 'gpt-5-mini' });
  expect(response.output_text).toMatch(/^Demo model: scripted answers\. You asked: “Why is the sky blue\?”/);
  const { input_tokens = 0, output_tokens = 0, total_tokens } = response.usage ?? {};
  expect(input_tokens).toBeGreaterThan(0);
  expect(total_tokens).toBe(input_tokens + output_tokens);
});

test('a streamed text has the events of the Responses API in their order and ends as the whole one', async () => {
  const input = [{ role: 'user' as const, content: [{ type: 'input_text' as const, text: 'Count to 12' }] }];
  const stream = client.responses.stream({ model: 'gpt-5-mini', input });
  const types: string[] = [];
  const numbers: number[] = [];
  for await (const event of stream) {
    if (types.at(-1) !== event.type) types.push(event.type);
    numbers.push(event.sequence_number);
  }
  expect(types).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(numbers).toEqual(numbers.map((_, index) => index));
  const final = await stream.finalResponse();
  expect(final.output_text).toBe('Demo model: 1 2 3 4 5 6 7 8 9 10 11 12');
  const whole = await client.responses.create({ model: 'gpt-5-mini', input });
  expect(final.usage).toEqual(whole.usage);
});

test.each(['full', 'by reference'])('a tool call and back, streamed; history %s', async (history) => {
  const input: ResponseInputItem[] = [{ role: 'user', content: TIME_QUESTION }];
  const stream = client.responses.stream({ model: 'gpt-5-mini', input, tools });
  const types = new Set<string>();
  for await (const event of stream) types.add(event.type);
  expect(types).toContain('response.function_call_arguments.delta');
  const [call] = (await stream.finalResponse()).output;
  if (call?.type !== 'function_call') throw new Error('no function call');
  expect(JSON.parse(call.arguments)).toEqual({ timeZone: 'Europe/Berlin' });

  const { name, call_id, arguments: args } = call;
  input.push(
    history === 'full'
      ? { type: 'function_call', name, call_id, arguments: args }
      : { type: 'item_reference', id: call.id ?? '' },
    { type: 'function_call_output', call_id: call.call_id, output: JSON.stringify(TIME_RESULT) },
  );
  const answer = await client.responses.create({ model: 'gpt-5-mini', input, tools });
  expect(answer.output_text).toBe(TIME_ANSWER);
});

test('a cut answer is incomplete', async () => {
  const response = await client.responses.create({ model: 'm', input: 'Count to 100', max_output_tokens: 4 });
  expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
});

test('structured output', async () => {
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const text = { format: { type: 'json_schema' as const, name: 'place', schema } };
  const response = await client.responses.create({ model: 'm', input: 'Where?', text });
  expect(JSON.parse(response.output_text)).toEqual({ city: 'Demo model: scripted value' });
});

test('errors have the format of OpenAI', async () => {
  const wrong = client.post('/responses', { body: { model: 'gpt-5-mini', input: [{ type: 'function_call' }] } });
  await expect(wrong).rejects.toMatchObject({ status: 400, type: 'invalid_request_error', param: 'input.0.type' });
  const lost = client.responses.create({ model: 'm', input: 'x', previous_response_id: 'resp_1' });
  await expect(lost).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  await expect(client.embeddings.create({ model: 'e', input: 'x' })).rejects.toMatchObject({ status: 404 });
});

test('models', async () => {
  const { data } = await client.models.list();
  expect(data.map((model) => model.id)).toContain('gpt-5-mini');
  expect(await client.models.retrieve('gpt-5-mini')).toMatchObject({ owned_by: 'demo-model' });
});
