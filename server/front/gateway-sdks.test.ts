import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemoModel } from '../../local/demo-model/testing/start.ts';
import { mintVirtualKey } from '../../lib/virtual-keys/index.ts';
import { startTestFront, type TestFront } from './testing.ts';

/** The providers' own SDKs, configured as in a sandbox: virtual key and base URL of the gateway. */
let front: TestFront;
let demo: Awaited<ReturnType<typeof startDemoModel>>;
let apiKey: string;
const base = (path: string) => `${front.controlOrigin}/api/gateway${path}`;

beforeAll(async () => {
  demo = await startDemoModel();
  front = await startTestFront({ CONTROL_LISTEN: '127.0.0.1:0', DEMO_MODEL_URL: demo.url });
  const { userId, sandbox } = await front.member();
  apiKey = await mintVirtualKey(front.context, { userId, sandbox: sandbox.id });
});
afterAll(async () => {
  await front.close();
  await demo.close();
});

const openai = (key = apiKey) => new OpenAI({ apiKey: key, baseURL: base('/openai/v1'), maxRetries: 0 });
const input = 'hello';

test('openai: responses and chat completions, whole and streamed, and the list of models', async () => {
  const client = openai();
  const whole = await client.responses.create({ model: 'gpt-5-mini', input });
  expect(whole.output_text).toContain('Demo model');
  let streamed = '';
  for await (const event of await client.responses.create({ model: 'gpt-5-mini', input, stream: true })) {
    if (event.type === 'response.output_text.delta') streamed += event.delta;
  }
  expect(streamed).toBe(whole.output_text);
  const messages = [{ role: 'user' as const, content: input }];
  const chat = await client.chat.completions.create({ model: 'gpt-5-mini', messages });
  expect(chat.choices[0]?.message.content).toContain('Demo model');
  const models = await client.models.list();
  expect(models.data.length).toBeGreaterThan(0);
});

test('openai: errors arrive as the errors of the SDK', async () => {
  const unknown = `${apiKey.slice(0, -4)}0000`;
  await expect(openai(unknown).responses.create({ model: 'm', input })).rejects.toThrow(OpenAI.AuthenticationError);
  await expect(openai().files.list()).rejects.toThrow(OpenAI.PermissionDeniedError);
});

test('anthropic: messages, streamed, and token counts', async () => {
  const client = new Anthropic({ apiKey, baseURL: base('/anthropic'), maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: input }];
  const stream = client.messages.stream({ model: 'claude-sonnet-5', max_tokens: 200, messages });
  expect(await stream.finalText()).toContain('Demo model');
  const count = await client.messages.countTokens({ model: 'claude-sonnet-5', messages });
  expect(count.input_tokens).toBeGreaterThan(0);
  const stranger = new Anthropic({ apiKey: 'sk-ant-mine', baseURL: base('/anthropic'), maxRetries: 0 });
  const refused = stranger.messages.create({ model: 'm', max_tokens: 1, messages });
  await expect(refused).rejects.toThrow(Anthropic.AuthenticationError);
});

test('google: content, whole and streamed', async () => {
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: base('/google') } });
  const request = { model: 'gemini-2.5-flash', contents: input };
  expect((await client.models.generateContent(request)).text).toContain('Demo model');
  let text = '';
  for await (const chunk of await client.models.generateContentStream(request)) text += chunk.text ?? '';
  expect(text).toContain('Demo model');
});
