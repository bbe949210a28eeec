import { expect, test } from 'vitest';
import { type CallFacts, NO_USAGE } from '../../gateway/ledger.ts';
import { createPriceBook } from './book.ts';
import { costMicros } from './cost.ts';
import { estimateMicros } from './estimate.ts';
import { PRICE_TABLES } from './tables.ts';

const book = createPriceBook();
const priceOf = (provider: string, model: string) => {
  const found = book.find(provider, model);
  if (!found) throw new Error('no price');
  return found.price;
};

test('every table says where it comes from and of which day it is', () => {
  for (const table of Object.values(PRICE_TABLES)) {
    expect(table.source.length).toBeGreaterThan(40);
    expect(Number.isNaN(Date.parse(table.date))).toBe(false);
  }
});

test('prices each kind of token apart', () => {
  // claude-sonnet-4-6: 3 in, 0.3 cached, 3.75 and 6 written, 15 out; dollars per million.
  const usage = {
    ...NO_USAGE,
    inputTokens: 10_000,
    cachedInputTokens: 4_000,
    cacheWriteTokens: 2_000,
    longCacheWriteTokens: 500,
    outputTokens: 1_000,
    reasoningTokens: 400,
  };
  const micros = 4_000 * 3 + 4_000 * 0.3 + 1_500 * 3.75 + 500 * 6 + 1_000 * 15;
  expect(costMicros(priceOf('anthropic', 'claude-sonnet-4-6'), usage)).toBe(Math.ceil(micros));
  const audio = { ...NO_USAGE, inputTokens: 1_000, audioInputTokens: 900, outputTokens: 100, audioOutputTokens: 60 };
  expect(costMicros(priceOf('openai', 'gpt-4o-audio-preview'), audio)).toBe(
    Math.ceil(100 * 2.5 + 900 * 40 + 40 * 10 + 60 * 80),
  );
  const images = {
    ...NO_USAGE,
    inputTokens: 500,
    imageInputTokens: 300,
    outputTokens: 4_160,
    imageOutputTokens: 4_160,
  };
  expect(costMicros(priceOf('openai', 'gpt-image-1'), images)).toBe(200 * 5 + 300 * 10 + 4_160 * 40);
});

test('rounds up once, so that nothing is free by accident and whole sums stay whole', () => {
  expect(costMicros(priceOf('openai', 'gpt-5-nano'), { ...NO_USAGE, inputTokens: 1 })).toBe(1);
  expect(costMicros(priceOf('openai', 'gpt-5-mini'), { ...NO_USAGE, inputTokens: 4, outputTokens: 1 })).toBe(3);
  expect(costMicros(priceOf('openai', 'gpt-5-mini'), NO_USAGE)).toBe(0);
});

test('charges pieces: images, minutes, searches', () => {
  expect(costMicros(priceOf('openai', 'dall-e-3'), { ...NO_USAGE, images: 2 })).toBe(240_000);
  expect(costMicros(priceOf('openai', 'whisper-1'), { ...NO_USAGE, audioSeconds: 90 })).toBe(9_000);
  expect(costMicros(priceOf('anthropic', 'claude-haiku-4-5'), { ...NO_USAGE, webSearches: 3 })).toBe(30_000);
});

test('has another price for long inputs, and for tiers', () => {
  const price = priceOf('google', 'gemini-2.5-pro');
  expect(costMicros(price, { ...NO_USAGE, inputTokens: 200_000 })).toBe(250_000);
  expect(costMicros(price, { ...NO_USAGE, inputTokens: 200_001 })).toBe(500_003);
  expect(costMicros(price, { ...NO_USAGE, inputTokens: 100_000 }, book.tier('openai', 'flex'))).toBe(62_500);
});

test.each([
  ['openai', 'gpt-5-2025-08-07', 'table'],
  ['anthropic', 'claude-sonnet-4-5-20250929', 'table'],
  ['anthropic', 'claude-opus-4-0', 'table'],
  ['google', 'gemini-2.5-flash-preview-05-20', 'table'],
  ['google', 'models/gemini-2.0-flash-001', 'table'],
  ['openai', 'gpt-99', 'rule'],
  ['openai', null, 'rule'],
  ['somebody', 'their-model', 'rule'],
])('prices %s/%s by %s', (provider, model, by) => {
  expect(book.find(provider, model)?.by).toBe(by);
});

test('bills an unknown model like the dearest of its provider, or refuses it, as the settings say', () => {
  const { price } = book.find('anthropic', 'claude-unknown-9') ?? { price: null };
  expect(price).toMatchObject({ input: 15_000_000, output: 75_000_000 });
  expect(createPriceBook({ unknown: 'refuse' }).find('anthropic', 'claude-unknown-9')).toBeNull();
});

test('takes overrides first', () => {
  const own = createPriceBook({
    overrides: { 'openai/gpt-5': { input: 1, output: 2 }, 'local/llama': { input: 0, output: 0 } },
  });
  expect(own.find('openai', 'gpt-5')).toMatchObject({ by: 'override', price: { input: 1_000_000, output: 2_000_000 } });
  expect(own.find('local', 'llama')).toMatchObject({ by: 'override', price: { input: 0 } });
});

const call: CallFacts = {
  requestId: 'r',
  userId: 'u',
  keyId: 'k',
  provider: 'anthropic',
  model: 'claude-sonnet-4-6',
  operation: 'generate',
  stream: true,
  requestBytes: 20_000,
  maxOutputTokens: 1_000,
  images: 0,
};
const options = { bytesPerToken: 2, outputTokens: 16_384 };

test('holds for the input by bytes and for the output by its bound', () => {
  const price = priceOf('anthropic', 'claude-sonnet-4-6');
  // A prompt that is written to a cache costs more than one that is not.
  expect(estimateMicros(price, call, options)).toBe(10_000 * 3.75 + 1_000 * 15);
  expect(estimateMicros(price, { ...call, maxOutputTokens: null }, options)).toBe(10_000 * 3.75 + 16_384 * 15);
  // No more than the model can read.
  expect(estimateMicros(price, { ...call, requestBytes: 50_000_000 }, options)).toBe(1_000_000 * 3.75 + 1_000 * 15);
  expect(estimateMicros(price, { ...call, operation: 'count_tokens' }, options)).toBe(0);
});

test('holds for images and minutes of audio', () => {
  const image: CallFacts = { ...call, operation: 'image', images: 2, maxOutputTokens: null, requestBytes: 200 };
  expect(estimateMicros(priceOf('openai', 'dall-e-3'), image, options)).toBe(240_000);
  expect(estimateMicros(priceOf('openai', 'gpt-image-1'), image, options)).toBe(100 * 10 + 2 * 6_240 * 40);
  const audio: CallFacts = { ...call, operation: 'audio', requestBytes: 480_000, maxOutputTokens: null };
  expect(estimateMicros(priceOf('openai', 'whisper-1'), audio, options)).toBe(12_000);
  // Stays a number that Postgres can hold, whatever a caller asks for.
  const most = { ...image, images: Number.MAX_SAFE_INTEGER };
  expect(estimateMicros(priceOf('openai', 'dall-e-3'), most, options)).toBe(1_000_000_000_000);
});
