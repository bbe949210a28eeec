import { type Content, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoModel, TIME_ANSWER, TIME_QUESTION, TIME_RESULT, TIME_SCHEMA } from '../testing/start.ts';

let demo: Awaited<ReturnType<typeof startDemoModel>>;
let client: GoogleGenAI;
beforeAll(async () => {
  demo = await startDemoModel();
  client = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: `${demo.url}/google`, apiVersion: 'v1beta' } });
});
afterAll(() => demo.close());

const model = 'gemini-2.5-flash';
const tools = [
  { functionDeclarations: [{ name: 'currentTime', description: 'The time.', parametersJsonSchema: TIME_SCHEMA }] },
];

test('text, and the same number of tokens when counted beforehand', async () => {
  const contents = 'Why is the sky blue?';
  const response = await client.models.generateContent({ model, contents });
  expect(response.text).toMatch(/^Demo model: scripted answers/);
  expect(response.candidates?.[0]?.finishReason).toBe('STOP');
  const counted = await client.models.countTokens({ model, contents });
  expect(response.usageMetadata?.promptTokenCount).toBe(counted.totalTokens);
});

test('a streamed text ends with the reason and the usage of the whole one', async () => {
  const contents = 'Count to 5';
  const chunks = [];
  for await (const chunk of await client.models.generateContentStream({ model, contents })) chunks.push(chunk);
  expect(chunks.length).toBeGreaterThan(3);
  expect(chunks.map((chunk) => chunk.text ?? '').join('')).toBe('Demo model: 1 2 3 4 5');
  expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  const whole = await client.models.generateContent({ model, contents });
  expect(chunks.at(-1)?.usageMetadata).toEqual(whole.usageMetadata);
});

test('a function call and back, streamed', async () => {
  const contents: Content[] = [{ role: 'user', parts: [{ text: TIME_QUESTION }] }];
  let call;
  for await (const chunk of await client.models.generateContentStream({ model, contents, config: { tools } })) {
    call ??= chunk.functionCalls?.[0];
  }
  expect(call).toMatchObject({ name: 'currentTime', args: { timeZone: 'Europe/Berlin' } });

  contents.push({ role: 'model', parts: [{ functionCall: call }] });
  contents.push({
    role: 'user',
    parts: [{ functionResponse: { name: 'currentTime', response: { output: TIME_RESULT } } }],
  });
  const second = await client.models.generateContent({ model, contents, config: { tools } });
  expect(second.text).toBe(TIME_ANSWER);
});

test('structured output with a schema in the types of Google', async () => {
  const responseSchema = {
    type: 'OBJECT' as const,
    properties: { size: { type: 'INTEGER' as const, minimum: 7 } },
    required: ['size'],
  };
  const config = { responseMimeType: 'application/json', responseSchema };
  const response = await client.models.generateContent({ model, contents: 'How big?', config: config as never });
  expect(JSON.parse(response.text ?? '')).toEqual({ size: 7 });
});

test('a stream without alt=sse is a JSON array', async () => {
  const answer = await fetch(`${demo.url}/google/v1beta/models/${model}:streamGenerateContent`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] }),
  });
  expect(((await answer.json()) as unknown[]).length).toBeGreaterThan(3);
});

test('errors have the format of Google', async () => {
  const wrong = await fetch(`${demo.url}/google/v1beta/models/${model}:generateContent`, {
    method: 'POST',
    body: '{}',
  });
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({
    error: { code: 400, status: 'INVALID_ARGUMENT', message: expect.stringContaining('contents') },
  });
  const missing = await fetch(`${demo.url}/google/v1beta/files`);
  expect(await missing.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
});

test('models', async () => {
  const pager = await client.models.list();
  expect(pager.page.map(({ name }) => name)).toContain('models/gemini-2.5-flash');
});
