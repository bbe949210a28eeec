import { expect, test } from 'vitest';
import { NO_USAGE } from '../ledger.ts';
import type { Protocol } from '../provider.ts';
import type { Format } from '../routes.ts';
import { createMeter } from './meter.ts';
import { createUsageChunkFilter } from './usage-chunk-filter.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const events = (list: readonly unknown[], named = false) =>
  list
    .map((one) => {
      const name = named ? `event: ${String((one as { type?: unknown }).type)}\n` : '';
      return `${name}data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`;
    })
    .join('');

type Case = { protocol: Protocol; format: Format; contentType?: string; text: string; complete?: boolean };

function meter({ protocol, format, contentType = 'text/event-stream', text, complete = true }: Case, size = Infinity) {
  const stored: string[] = [];
  const reader = createMeter({ protocol, format, contentType, onStored: ({ id }) => stored.push(id) });
  const bytes = encode(text);
  for (let at = 0; at < bytes.length; at += size) reader?.write(bytes.subarray(at, at + size));
  return { ...reader?.result(complete), stored };
}

const chatUsage = {
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 40, audio_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 4 },
};
const chatMetered = {
  ...NO_USAGE,
  inputTokens: 100,
  cachedInputTokens: 40,
  audioInputTokens: 3,
  outputTokens: 50,
  reasoningTokens: 20,
  audioOutputTokens: 4,
};
const content = { choices: [{ delta: { content: 'ä "usage":{"prompt_tokens":1} \n\n' } }], usage: null };
const json = 'application/json; charset=utf-8';

const cases: [string, Case, object][] = [
  [
    'a stream of chat completions',
    {
      protocol: 'openai',
      format: 'chat',
      text: events([content, content, { choices: [], usage: chatUsage }, '[DONE]']),
    },
    chatMetered,
  ],
  [
    'a chat completion',
    {
      protocol: 'openai',
      format: 'chat',
      contentType: json,
      text: JSON.stringify({ choices: [{ message: { usage: { prompt_tokens: 9 } } }], usage: chatUsage, x: 1 }),
    },
    chatMetered,
  ],
  [
    'a provider that counts reasoning apart',
    {
      protocol: 'openai',
      format: 'chat',
      contentType: json,
      text: JSON.stringify({
        usage: {
          prompt_tokens: 10,
          completion_tokens: 5,
          total_tokens: 35,
          completion_tokens_details: { reasoning_tokens: 20 },
        },
      }),
    },
    { ...NO_USAGE, inputTokens: 10, outputTokens: 25, reasoningTokens: 20 },
  ],
  [
    'a stream of a response',
    {
      protocol: 'openai',
      format: 'responses',
      text: events(
        [
          { type: 'response.created', response: { id: 'resp_1', usage: null } },
          { type: 'response.output_item.added', item: { id: 'ws_1', type: 'web_search_call' } },
          { type: 'response.output_item.done', item: { id: 'ws_1', type: 'web_search_call' } },
          { type: 'response.output_text.delta', delta: '"usage":{}' },
          {
            type: 'response.completed',
            response: {
              id: 'resp_1',
              output: [
                { id: 'ws_1', type: 'web_search_call' },
                { id: 'msg_1', content: 'x'.repeat(100_000) },
              ],
              service_tier: 'default',
              usage: {
                input_tokens: 7,
                input_tokens_details: { cached_tokens: 2 },
                output_tokens: 3,
                total_tokens: 10,
              },
            },
          },
        ],
        true,
      ),
    },
    { ...NO_USAGE, inputTokens: 7, cachedInputTokens: 2, outputTokens: 3, webSearches: 1 },
  ],
  [
    'a stream of a message',
    {
      protocol: 'anthropic',
      format: 'messages',
      text: events(
        [
          {
            type: 'message_start',
            message: {
              usage: {
                input_tokens: 10,
                cache_read_input_tokens: 100,
                cache_creation_input_tokens: 30,
                cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
                output_tokens: 1,
              },
            },
          },
          { type: 'content_block_delta', delta: { text: 'hello' } },
          { type: 'message_delta', usage: { output_tokens: 42, server_tool_use: { web_search_requests: 2 } } },
          { type: 'message_stop' },
        ],
        true,
      ),
    },
    {
      ...NO_USAGE,
      inputTokens: 140,
      cachedInputTokens: 100,
      cacheWriteTokens: 30,
      longCacheWriteTokens: 10,
      outputTokens: 42,
      webSearches: 2,
    },
  ],
  [
    "Google's stream as a list",
    {
      protocol: 'google',
      format: 'contents',
      contentType: json,
      text: JSON.stringify([
        { candidates: [], usageMetadata: { promptTokenCount: 5 } },
        {
          usageMetadata: {
            promptTokenCount: 5,
            toolUsePromptTokenCount: 2,
            cachedContentTokenCount: 1,
            candidatesTokenCount: 8,
            thoughtsTokenCount: 3,
            promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 4 }],
            candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 6 }],
          },
        },
      ]),
    },
    {
      ...NO_USAGE,
      inputTokens: 7,
      cachedInputTokens: 1,
      outputTokens: 11,
      reasoningTokens: 3,
      audioInputTokens: 4,
      imageOutputTokens: 6,
    },
  ],
  [
    'images by tokens',
    {
      protocol: 'openai',
      format: 'images',
      contentType: json,
      text: JSON.stringify({
        data: [{ b64_json: 'A'.repeat(300_000) }, { b64_json: 'B' }],
        usage: { input_tokens: 50, input_tokens_details: { image_tokens: 40 }, output_tokens: 600, total_tokens: 650 },
      }),
    },
    { ...NO_USAGE, inputTokens: 50, imageInputTokens: 40, outputTokens: 600, imageOutputTokens: 600, images: 2 },
  ],
  [
    'images by the piece',
    { protocol: 'openai', format: 'images', contentType: json, text: '{"created":1,"data":[{"url":"x"}]}' },
    { ...NO_USAGE, images: 1 },
  ],
  [
    'a transcription by the second',
    {
      protocol: 'openai',
      format: 'audio',
      contentType: json,
      text: '{"text":"hi","usage":{"type":"duration","seconds":9.5}}',
    },
    { ...NO_USAGE, audioSeconds: 9.5 },
  ],
];

test.each(cases)('reads the usage of %s, however it is cut', (_name, one, usage) => {
  for (const size of [1, 2, 13, Infinity]) expect(meter(one, size).usage).toEqual(usage);
});

test('knows no usage of a stream that broke off before its last word, and all after it', () => {
  const start = { type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } };
  const cut = { protocol: 'anthropic', format: 'messages', complete: false } as const;
  expect(meter({ ...cut, text: events([start], true) }).usage).toBeNull();
  const last = { type: 'message_delta', usage: { output_tokens: 5 } };
  expect(meter({ ...cut, text: events([start, last], true) }).usage).toMatchObject({
    inputTokens: 10,
    outputTokens: 5,
  });
  const chat = { protocol: 'openai', format: 'chat', complete: false } as const;
  const whole = { choices: [], usage: chatUsage };
  expect(meter({ ...chat, text: events([whole]) }).usage).toBeNull();
  expect(meter({ ...chat, text: events([whole, '[DONE]']) }).usage).toEqual(chatMetered);
});

test('tells a failed response and the ids that were stored', () => {
  const text = events(
    [
      { type: 'response.created', response: { id: 'resp_1' } },
      { type: 'response.failed', response: { id: 'resp_1', status: 'failed', usage: null } },
    ],
    true,
  );
  expect(meter({ protocol: 'openai', format: 'responses', text })).toMatchObject({
    usage: null,
    failed: true,
    stored: ['resp_1', 'resp_1'],
  });
});

test('answers that are no JSON have no meter', () => {
  expect(createMeter({ protocol: 'openai', format: 'audio', contentType: 'audio/mpeg' })).toBeNull();
});

test.each([1, 3, 50, Infinity])('hides the chunk with the usage and nothing else, in pieces of %s bytes', (size) => {
  const before = events([content, content]);
  const usage = events([{ choices: [], usage: chatUsage }]);
  const filter = createUsageChunkFilter();
  const bytes = encode(`${before}${usage}${events(['[DONE]'])}data: half`);
  let out = '';
  const decoder = new TextDecoder();
  for (let at = 0; at < bytes.length; at += size) {
    out += decoder.decode(filter.write(bytes.subarray(at, at + size)), { stream: true });
  }
  expect(out).toBe(before + events(['[DONE]']));
  expect(out + decoder.decode(filter.rest())).toBe(`${before}${events(['[DONE]'])}data: half`);
});

test('lets long events pass as they come', () => {
  const filter = createUsageChunkFilter();
  const long = encode(`data: ${'x'.repeat(100_000)}`);
  expect(filter.write(long)).toBe(long);
  const end = encode('yy\n\ndata: {"choices":[],"usage":{"a":1}}\n\n');
  expect(new TextDecoder().decode(filter.write(end))).toBe('yy\n\n');
});
