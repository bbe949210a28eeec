import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { createPriceBook } from '../usage/prices/book.ts';
import { DEFAULT_MODELS } from './default-models.ts';
import { modelOffer } from './model-offer.ts';
import { providersFromSettings, type ProviderSettings } from './provider.ts';

type Keys = Partial<Record<keyof ProviderSettings['providers'], string>>;

function offer(keys: Keys, options: { demo?: boolean; models?: Record<string, string[]>; defaultModel?: string } = {}) {
  const one = (name: keyof Keys) => ({ apiKey: keys[name], baseUrl: undefined });
  const providers = providersFromSettings({
    providers: { openai: one('openai'), anthropic: one('anthropic'), google: one('google'), composio: one('composio') },
    demoModelUrl: options.demo === false ? undefined : 'http://127.0.0.1:1',
  });
  return modelOffer(providers, {
    models: options.models ?? {},
    defaultModel: options.defaultModel ?? 'openai/gpt-5-mini',
    prices: createPriceBook({ overrides: { 'openai/mine': { input: 1, cachedInput: 0.1, output: 2 } } }),
  });
}

test('without a key the demo model stands in for all', () => {
  const { demo, tiers, composio } = offer({});
  expect({ demo, composio }).toEqual({ demo: true, composio: false });
  expect(tiers.general[0]).toBe('openai/gpt-5-mini');
  expect(tiers.best).toEqual(DEFAULT_MODELS.best);
});

test('with one key only models of that provider are offered, the demo model no more', () => {
  const { demo, tiers } = offer({ anthropic: 'sk' });
  expect(demo).toBe(false);
  for (const list of Object.values(tiers)) {
    expect(list.length).toBeGreaterThan(0);
    expect(list.filter((model) => !model.startsWith('anthropic/'))).toEqual([]);
  }
});

test('the default model leads the general tier, once', () => {
  const { general } = offer({ openai: 'sk', google: 'g' }, { defaultModel: 'google/gemini-2.5-pro' }).tiers;
  expect(general[0]).toBe('google/gemini-2.5-pro');
  expect(general.filter((model) => model === 'google/gemini-2.5-pro')).toHaveLength(1);
});

test('lists of the admin take the place of the defaults; a tier without a key is not offered', () => {
  const models = { best: ['anthropic/claude-opus-5'], fast: ['openai/mine', 'openai/mine'] };
  const { tiers } = offer({ openai: 'sk' }, { models });
  expect(tiers.best).toEqual([]);
  expect(tiers.fast).toEqual(['openai/mine']);
});

test('without keys and demo model nothing is offered; a key for tools alone is no model', () => {
  expect(offer({ composio: 'c' }, { demo: false })).toEqual({
    demo: false,
    default: 'general',
    tiers: { fast: [], general: [], best: [], developer: [] },
    prices: {},
    composio: true,
  });
});

test('prices go with the models that have one, in micro-dollars per million tokens', () => {
  const fast = ['openai/mine', 'openai/nobody-knows'];
  const models = { fast, general: [], best: ['google/gemini-2.5-pro'], developer: [] };
  const { prices } = offer({ openai: 'sk', google: 'g' }, { models });
  expect(Object.keys(prices).toSorted()).toEqual(['google/gemini-2.5-pro', 'openai/gpt-5-mini', 'openai/mine']);
  // Where a table leaves a kind of token out it costs as much as the dearer neighbour.
  const mine = { input: 1_000_000, cachedInput: 100_000, cacheWrite: 1_000_000, output: 2_000_000 };
  expect(prices['openai/mine']).toEqual({ ...mine, reasoning: 2_000_000 });
  expect(prices['google/gemini-2.5-pro']?.long).toMatchObject({ aboveTokens: 200_000, input: 2_500_000 });
  expect(JSON.parse(JSON.stringify(prices))).toEqual(prices);
});

test('the model that leads a tier by default has a price, and the demo model none', () => {
  const leaders = Object.values(DEFAULT_MODELS).map(([first = '']) => first);
  const { prices } = offer({ openai: 'sk', anthropic: 'a', google: 'g' });
  expect(leaders.filter((model) => !(model in prices))).toEqual([]);
  expect(offer({}).prices).toEqual({});
});

test('every default is a model that Mastra knows', () => {
  const path = createRequire(import.meta.url).resolve('@mastra/core/package.json');
  const registry = JSON.parse(readFileSync(path.replace('package.json', 'dist/provider-registry.json'), 'utf8')) as {
    models: Record<string, string[]>;
  };
  const known = (model: string) => {
    const [provider = '', name = ''] = model.split('/');
    return registry.models[provider]?.includes(name) === true;
  };
  expect(
    Object.values(DEFAULT_MODELS)
      .flat()
      .filter((model) => !known(model)),
  ).toEqual([]);
});
