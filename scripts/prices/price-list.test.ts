import { expect, test } from 'vitest';
import { priceTableSchema } from '../../lib/usage/prices/schema.ts';
import { PRICE_TABLES } from '../../lib/usage/prices/tables.ts';
import { tablesFromPriceList } from './price-list.ts';

const list = {
  sample_spec: { litellm_provider: 'one of the providers', input_cost_per_token: 0 },
  'example-1': {
    litellm_provider: 'anthropic',
    input_cost_per_token: 0.000003,
    output_cost_per_token: 0.000015,
    cache_read_input_token_cost: 3e-7,
    cache_creation_input_token_cost: 0.00000375,
    input_cost_per_token_above_200k_tokens: 0.000006,
    output_cost_per_token_above_200k_tokens: 0.0000225,
    max_input_tokens: 200_000,
    max_output_tokens: 64_000,
    supports_vision: true,
  },
  'gemini/example-2': { litellm_provider: 'gemini', input_cost_per_token: 1e-7, output_cost_per_token: 4e-7 },
  'example-speech': { litellm_provider: 'openai', input_cost_per_character: 0.000015 },
  '1024-x-1024/example-image': { litellm_provider: 'openai', output_cost_per_image: 0.04 },
  'example-image': { litellm_provider: 'openai', output_cost_per_image: 0.04 },
  'o1-pro': { litellm_provider: 'openai', input_cost_per_token: 0.00015, output_cost_per_token: 0.0006 },
  'bedrock/x': { litellm_provider: 'bedrock', input_cost_per_token: 1 },
  nothing: { litellm_provider: 'openai' },
};

test('makes our tables of a price list in the form of LiteLLM', () => {
  const { tables, left } = tablesFromPriceList(list, PRICE_TABLES, { source: 'A test', date: '2026-11-01' });
  expect(left).toBe(3);
  expect(tables['anthropic']).toMatchObject({
    source: 'A test',
    date: '2026-11-01',
    perSearch: 0.01,
    models: {
      'example-1': {
        input: 3,
        output: 15,
        cachedInput: 0.3,
        cacheWrite: 3.75,
        contextTokens: 200_000,
        maxOutputTokens: 64_000,
        long: { aboveTokens: 200_000, input: 6, output: 22.5 },
      },
    },
  });
  expect(tables['google']?.models).toEqual({ 'example-2': { input: 0.1, output: 0.4 } });
  expect(tables['openai']?.models).toEqual({
    'example-speech': { input: 15, output: 0, bytesPerToken: 1 },
    'example-image': { input: 0, output: 0, perImage: 0.04 },
    'o1-pro': { input: 150, output: 600, exceptional: true },
  });
  for (const table of Object.values(tables)) expect(priceTableSchema.safeParse(table).success).toBe(true);
});
