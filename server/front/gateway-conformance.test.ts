import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { Composio } from '@composio/core';
import { GoogleGenAI } from '@google/genai';
import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { generateText, streamText, stepCountIs, tool } from 'ai';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type ProviderDouble, startProviderDouble } from '../../lib/gateway/testing/double.ts';
import { TEXT, TOOL_INPUT } from '../../lib/gateway/testing/words.ts';
import { eventually } from '../../lib/testing.ts';
import { mintVirtualKey } from '../../lib/virtual-keys/index.ts';
import { startTestFront, type TestFront } from './testing.ts';

/** The official SDKs as they are, with the address of the gateway and a virtual key, against doubles of the providers. */
const REAL = [
  'sk-real-openai-0123456789',
  'sk-ant-real-0123456789',
  'AIza-real-0123456789',
  'ak_real_0123456789',
] as const;
let front: TestFront;
let double: ProviderDouble;
let apiKey: string;
let userId: string;
const base = (path: string) => `${front.controlOrigin}/api/gateway${path}`;

beforeAll(async () => {
  double = await startProviderDouble();
  front = await startTestFront({
    CONTROL_LISTEN: '127.0.0.1:0',
    OPENAI_API_KEY: REAL[0],
    ANTHROPIC_API_KEY: REAL[1],
    GOOGLE_GENERATIVE_AI_API_KEY: REAL[2],
    COMPOSIO_API_KEY: REAL[3],
    OPENAI_BASE_URL: `${double.url}/openai/v1`,
    ANTHROPIC_BASE_URL: `${double.url}/anthropic/v1`,
    GOOGLE_BASE_URL: `${double.url}/google/v1beta`,
    COMPOSIO_BASE_URL: `${double.url}/composio/api/v3`,
    GATEWAY_PROVIDERS: JSON.stringify({
      mistral: { baseUrl: `${double.url}/openai/v1`, keys: [{ key: 'sk-mistral-0123456789' }] },
    }),
    GATEWAY_DRAIN_SECONDS: '0',
    USER_REQUESTS_PER_MINUTE: '100000',
  });
  const member = await front.member();
  userId = member.userId;
  apiKey = await mintVirtualKey(front.context, { userId, sandbox: member.sandbox.id });
});
afterAll(async () => {
  await front.close();
  await double.close();
});

const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: {
    type: 'object' as const,
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};
const messages = [{ role: 'user' as const, content: 'hello' }];
const lastCall = () => double.calls.at(-1);

describe('openai', () => {
  const client = (maxRetries = 0) => new OpenAI({ apiKey, baseURL: base('/openai/v1'), maxRetries });

  test('chat completions: text, streams, tools', async () => {
    const whole = await client().chat.completions.create({ model: 'gpt-5-mini', messages });
    expect(whole.choices[0]?.message.content).toBe(TEXT);
    let text = '';
    let usage: unknown = null;
    for await (const chunk of await client().chat.completions.create({ model: 'gpt-5-mini', messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage ??= chunk.usage;
    }
    expect([text, usage]).toEqual([TEXT, null]);
    expect(lastCall()?.body).toContain('"include_usage":true');
    const asked = { model: 'gpt-5-mini', messages, stream: true, stream_options: { include_usage: true } } as const;
    for await (const chunk of await client().chat.completions.create(asked)) usage ??= chunk.usage;
    expect(usage).toMatchObject({ total_tokens: 38 });
    const tools = [{ type: 'function' as const, function: { name: weather.name, parameters: weather.schema } }];
    const called = await client().chat.completions.create({ model: 'gpt-5-mini', messages, tools });
    expect(called.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather' } });
  });

  test('responses: text, streams, tools, and a conversation that goes on', async () => {
    const whole = await client().responses.create({ model: 'gpt-5-mini', input: 'hello' });
    expect(whole.output_text).toBe(TEXT);
    let text = '';
    for await (const event of await client().responses.create({ model: 'gpt-5-mini', input: 'hello', stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe(TEXT);
    const next = { model: 'gpt-5-mini', input: 'and?', previous_response_id: whole.id };
    expect((await client().responses.create(next)).output_text).toBe(TEXT);
    const foreign = client().responses.create({ ...next, previous_response_id: 'resp_of_somebody' });
    await expect(foreign).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
    await expect(client().responses.retrieve(whole.id)).rejects.toThrow(OpenAI.PermissionDeniedError);
  });

  test('embeddings, images, audio, models', async () => {
    const embedded = await client().embeddings.create({ model: 'text-embedding-3-small', input: 'x' });
    expect(embedded.data[0]?.embedding).toEqual([0.25, -0.5, 1]);
    const image = await client().images.generate({ model: 'gpt-image-1', prompt: 'x' });
    expect(image.data?.[0]?.b64_json).toBeDefined();
    const png = await toFile(Buffer.alloc(2_000_000, 1), 'a.png', { type: 'image/png' });
    const edited = await client().images.edit({ model: 'gpt-image-1', image: png, prompt: 'x' });
    expect(edited.usage?.output_tokens).toBe(272);
    expect(lastCall()?.body.length).toBeGreaterThan(2_000_000);
    const speech = await client().audio.speech.create({ model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'hi' });
    expect((await speech.arrayBuffer()).byteLength).toBe(5000);
    const file = await toFile(Buffer.alloc(300_000), 'a.wav', { type: 'audio/wav' });
    const heard = await client().audio.transcriptions.create({ model: 'gpt-4o-transcribe', file });
    expect(heard.text).toBe('Hello.');
    expect((await client().models.list()).data[0]?.id).toBe('gpt-5-mini');
  });

  test('errors keep their kind, and are tried again by the SDK', async () => {
    const failing = client().chat.completions.create({ model: 'error-429', messages });
    await expect(failing).rejects.toThrow(OpenAI.RateLimitError);
    const broken = client().chat.completions.create({ model: 'error-500', messages });
    await expect(broken).rejects.toThrow(OpenAI.InternalServerError);
    const again = await client(2).chat.completions.create({ model: 'flaky', messages });
    expect(again.choices[0]?.message.content).toBe(TEXT);
    const stranger = new OpenAI({ apiKey: 'sk-mine', baseURL: base('/openai/v1'), maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toThrow(OpenAI.AuthenticationError);
  });

  test('an abort reaches the provider, and a stream that breaks off fails', async () => {
    const stream = await client().chat.completions.create({ model: 'slow', messages, stream: true });
    for await (const _ of stream) break;
    stream.controller.abort();
    await eventually(() => lastCall()?.cut);
    const broken = await client().chat.completions.create({ model: 'truncated', messages, stream: true });
    const read = async (): Promise<void> => {
      for await (const _ of broken);
    };
    await expect(read()).rejects.toThrow(Error);
  });

  test('a provider of the settings that speaks the same', async () => {
    const mistral = new OpenAI({ apiKey, baseURL: base('/mistral/v1'), maxRetries: 0 });
    const answer = await mistral.chat.completions.create({ model: 'mistral-small', messages });
    expect(answer.choices[0]?.message.content).toBe(TEXT);
    expect(lastCall()?.headers.authorization).toBe('Bearer sk-mistral-0123456789');
  });
});

describe('anthropic', () => {
  const client = (maxRetries = 0) => new Anthropic({ apiKey, baseURL: base('/anthropic'), maxRetries });
  const request = { model: 'claude-sonnet-5', max_tokens: 100, messages };

  test('messages: text, streams, tools, counts, models', async () => {
    const whole = await client().messages.create(request);
    expect(whole.content[0]).toMatchObject({ type: 'text', text: TEXT });
    expect(await client().messages.stream(request).finalText()).toBe(TEXT);
    const tools = [{ name: weather.name, input_schema: weather.schema }];
    const called = await client()
      .messages.stream({ ...request, tools })
      .finalMessage();
    expect(called.content[0]).toMatchObject({ type: 'tool_use', input: TOOL_INPUT });
    expect((await client().messages.countTokens({ model: 'claude-sonnet-5', messages })).input_tokens).toBe(21);
    expect((await client().models.list()).data[0]?.id).toBe('claude-sonnet-5');
    const bearer = new Anthropic({ authToken: apiKey, apiKey: null, baseURL: base('/anthropic'), maxRetries: 0 });
    expect((await bearer.messages.create(request)).content).toHaveLength(1);
  });

  test('errors, retries, aborts', async () => {
    await expect(client().messages.create({ ...request, model: 'error-429' })).rejects.toThrow(
      Anthropic.RateLimitError,
    );
    expect((await client(2).messages.create({ ...request, model: 'flaky' })).content).toHaveLength(1);
    const stream = client().messages.stream({ ...request, model: 'slow' });
    stream.on('text', () => stream.abort());
    await expect(stream.finalText()).rejects.toThrow(Anthropic.APIUserAbortError);
    await eventually(() => lastCall()?.cut);
  });
});

describe('google', () => {
  const client = () => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: base('/google') } });
  const request = { model: 'gemini-2.5-flash', contents: 'hello' };

  test('content: text, streams, tools, counts, embeddings, models', async () => {
    expect((await client().models.generateContent(request)).text).toBe(TEXT);
    let text = '';
    for await (const chunk of await client().models.generateContentStream(request)) text += chunk.text ?? '';
    expect(text).toBe(TEXT);
    const tools = [{ functionDeclarations: [{ name: weather.name, parametersJsonSchema: weather.schema }] }];
    const called = await client().models.generateContent({ ...request, config: { tools } });
    expect(called.functionCalls?.[0]).toMatchObject({ name: 'get_weather', args: TOOL_INPUT });
    expect((await client().models.countTokens(request)).totalTokens).toBe(13);
    const embedded = await client().models.embedContent({ model: 'gemini-embedding-001', contents: 'x' });
    expect(embedded.embeddings?.[0]?.values).toEqual([0.25, -0.5]);
    expect((await client().models.list()).page[0]?.name).toBe('models/gemini-2.5-flash');
  });

  test('the key in the address stays here, and errors keep their kind', async () => {
    const path = '/google/v1beta/models/gemini-2.5-flash:generateContent';
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'x' }] }] });
    const answer = await fetch(`${base(path)}?key=${apiKey}&alt=json`, { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(lastCall()?.url).toBe(`${path}?alt=json`);
    await expect(client().models.generateContent({ ...request, model: 'error-503' })).rejects.toMatchObject({
      status: 503,
    });
  });
});

test('composio: tools and their execution are about the caller, whoever was named', async () => {
  const composio = new Composio({
    apiKey,
    baseURL: base('/composio'),
    allowTracking: false,
    disableVersionCheck: true,
  });
  const tools = await composio.tools.getRawComposioTools({ toolkits: ['github'] });
  expect(tools[0]?.slug).toBe('GITHUB_STAR');
  const body = { userId: 'somebody', arguments: { repo: 'a/b' }, version: '20260101_00' };
  const done = await composio.tools.execute('GITHUB_STAR', body);
  expect(done.data).toEqual({ user: userId, given: { repo: 'a/b' } });
  await composio.connectedAccounts.list({ userIds: ['somebody'] });
  expect(new URL(lastCall()?.url ?? '', 'http://x').searchParams.getAll('user_ids')).toEqual([userId]);
});

describe('the AI SDK and Mastra', () => {
  const models = {
    openai: () => createOpenAI({ apiKey, baseURL: base('/openai/v1') }).responses('gpt-5-mini'),
    chat: () => createOpenAI({ apiKey, baseURL: base('/openai/v1') }).chat('gpt-5-mini'),
    anthropic: () => createAnthropic({ apiKey, baseURL: base('/anthropic/v1') })('claude-sonnet-5'),
    google: () => createGoogleGenerativeAI({ apiKey, baseURL: base('/google/v1beta') })('gemini-2.5-flash'),
  };
  const city = z.object({ city: z.string() });

  test.each(['openai', 'chat', 'anthropic', 'google'] as const)(
    '%s: text, streams, and tools in several steps',
    async (name) => {
      const model = models[name]();
      expect((await generateText({ model, prompt: 'hello' })).text).toBe(TEXT);
      expect(await streamText({ model, prompt: 'hello' }).text).toBe(TEXT);
      const called: unknown[] = [];
      const execute = async (input: unknown) => {
        called.push(input);
        return 'sunny';
      };
      const tools = { get_weather: tool({ description: weather.description, inputSchema: city, execute }) };
      const agent = await generateText({ model, prompt: 'weather?', tools, stopWhen: stepCountIs(3) });
      expect([agent.text, called]).toEqual([TEXT, [TOOL_INPUT]]);
    },
  );

  test.each(['openai', 'anthropic'] as const)('a Mastra agent on %s', async (name) => {
    const called: unknown[] = [];
    const get_weather = createTool({
      id: 'get_weather',
      description: weather.description,
      inputSchema: city,
      execute: async (input) => {
        called.push(input);
        return { sky: 'sunny' };
      },
    });
    const agent = new Agent({
      id: 'a',
      name: 'a',
      instructions: 'Answer.',
      model: asMastraModel(models[name]()),
      tools: { get_weather },
    });
    const answer = await agent.generate('weather?');
    expect([answer.text, called.length]).toEqual([TEXT, 1]);
    const stream = await agent.stream('hello', { toolChoice: 'none' });
    expect(await stream.text).toContain('double');
  });
});

/** Mastra's type of the same interface asks for a promise where the AI SDK promises something to wait for. */
function asMastraModel(model: unknown): ConstructorParameters<typeof Agent>[0]['model'] {
  return model as ConstructorParameters<typeof Agent>[0]['model'];
}

const streams: [string, string, Record<string, string>, object][] = [
  [
    'openai chat',
    '/openai/v1/chat/completions',
    { authorization: 'Bearer ' },
    { model: 'slow', messages, stream: true, stream_options: { include_usage: true } },
  ],
  [
    'openai responses',
    '/openai/v1/responses',
    { authorization: 'Bearer ' },
    { model: 'slow', input: 'x', stream: true },
  ],
  [
    'anthropic',
    '/anthropic/v1/messages',
    { 'x-api-key': '' },
    { model: 'slow', max_tokens: 5, messages, stream: true },
  ],
  ['google', '/google/v1beta/models/slow:streamGenerateContent?alt=sse', { 'x-goog-api-key': '' }, { contents: [] }],
];

test.each(streams)(
  '%s: a stream is the same bytes in the same pieces as without the gateway',
  async (_name, path, header, body) => {
    const read = async (url: string, key: string) => {
      const headers = Object.fromEntries(Object.entries(header).map(([name, prefix]) => [name, prefix + key]));
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const pieces: string[] = [];
      for await (const piece of answer.body as ReadableStream<Uint8Array>)
        pieces.push(Buffer.from(piece).toString('latin1'));
      return { pieces, type: answer.headers.get('content-type'), status: answer.status };
    };
    const direct = await read(`${double.url}${path}`, 'k');
    const through = await read(base(path), apiKey);
    expect(through.pieces.join('')).toBe(direct.pieces.join(''));
    expect({ type: through.type, status: through.status }).toEqual({ type: direct.type, status: direct.status });
    expect(direct.pieces.length).toBeGreaterThan(5);
    expect(through.pieces.length).toBeGreaterThanOrEqual(direct.pieces.length - 2);
  },
);

test('no call carried a virtual key out, nor a real key in any place but its own', () => {
  const secrets: Record<string, string> = {
    openai: 'authorization',
    anthropic: 'x-api-key',
    google: 'x-goog-api-key',
    composio: 'x-api-key',
  };
  for (const { url, headers, body } of double.calls) {
    const provider = url.split('/')[1] ?? '';
    const own = secrets[provider] ?? '';
    // Calls of this test itself, without the gateway.
    if (/^(?:Bearer )?k$/.test(String(headers[own]))) continue;
    const { [own]: _key, ...rest } = headers;
    const text = JSON.stringify([url, rest]) + body;
    expect(text).not.toContain(apiKey);
    for (const secret of REAL) expect(text).not.toContain(secret);
  }
});
