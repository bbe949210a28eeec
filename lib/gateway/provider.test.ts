import { expect, test } from 'vitest';
import { providersFromSettings } from './provider.ts';

const none = { apiKey: undefined, baseUrl: undefined };
const providers = { openai: none, anthropic: none, google: none, composio: none };

test('takes the provider when there is a key, else the demo model, else nothing', () => {
  const demo = providersFromSettings({
    providers: { ...providers, openai: { apiKey: 'sk', baseUrl: undefined } },
    demoModelUrl: 'http://127.0.0.1:9/',
  });
  expect(demo.get('openai')).toEqual({
    name: 'openai',
    protocol: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    keys: [{ secret: 'sk', weight: 1 }],
    demo: false,
  });
  expect(demo.get('anthropic')).toMatchObject({ baseUrl: 'http://127.0.0.1:9/anthropic/v1', keys: [], demo: true });
  expect(demo.get('google')?.baseUrl).toBe('http://127.0.0.1:9/google/v1beta');
  expect(demo.get('composio')).toBeUndefined();
  expect(providersFromSettings({ providers, demoModelUrl: undefined }).size).toBe(0);
});

test('a base URL without a path gets the version that the provider uses', () => {
  const base = (baseUrl: string) =>
    providersFromSettings({
      providers: { ...providers, anthropic: { apiKey: 'k', baseUrl } },
      demoModelUrl: undefined,
    }).get('anthropic')?.baseUrl;
  expect(base('https://proxy.example')).toBe('https://proxy.example/v1');
  expect(base('https://proxy.example/claude/v1/')).toBe('https://proxy.example/claude/v1');
});

test('takes further providers, and more keys of the known ones', () => {
  const all = providersFromSettings({
    providers: { ...providers, openai: { apiKey: 'a', baseUrl: undefined } },
    demoModelUrl: undefined,
    gatewayProviders: {
      openai: { keys: [{ key: 'b', weight: 3 }] },
      mistral: { baseUrl: 'https://api.mistral.test/', keys: [{ key: 'm' }] },
      local: { baseUrl: 'http://models.internal/openai/v1' },
    },
  });
  expect(all.get('openai')?.keys).toEqual([
    { secret: 'a', weight: 1 },
    { secret: 'b', weight: 3 },
  ]);
  expect(all.get('mistral')).toMatchObject({ protocol: 'openai', baseUrl: 'https://api.mistral.test/v1' });
  expect(all.get('local')).toMatchObject({ keys: [], demo: false });
});
