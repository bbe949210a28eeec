import { expect, test } from 'vitest';
import { providersFromSettings } from './provider.ts';

const none = { apiKey: undefined, baseUrl: undefined };
const providers = { openai: none, anthropic: none, google: none, composio: none };

test('takes the provider when there is a key, else the demo model, else nothing', () => {
  const demo = providersFromSettings({
    providers: { ...providers, openai: { apiKey: 'sk', baseUrl: undefined } },
    demoModelUrl: 'http://127.0.0.1:9/',
  });
  expect(demo.openai).toEqual({ baseUrl: 'https://api.openai.com/v1', apiKey: 'sk', demo: false });
  expect(demo.anthropic).toEqual({ baseUrl: 'http://127.0.0.1:9/anthropic/v1', apiKey: null, demo: true });
  expect(demo.google?.baseUrl).toBe('http://127.0.0.1:9/google/v1beta');
  expect(demo.composio).toBeNull();
  expect(providersFromSettings({ providers, demoModelUrl: undefined })).toEqual({
    openai: null,
    anthropic: null,
    google: null,
    composio: null,
  });
});

test('a base URL without a path gets the version that the provider uses', () => {
  const base = (baseUrl: string) =>
    providersFromSettings({
      providers: { ...providers, anthropic: { apiKey: 'k', baseUrl } },
      demoModelUrl: undefined,
    }).anthropic?.baseUrl;
  expect(base('https://proxy.example')).toBe('https://proxy.example/v1');
  expect(base('https://proxy.example/claude/v1/')).toBe('https://proxy.example/claude/v1');
});
