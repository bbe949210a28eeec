import { expect, it } from 'vitest';

import { providerStates, usesDemoModel } from './demo.ts';

const none = { apiKey: undefined, baseUrl: undefined };
const providers = { openai: none, anthropic: { ...none, apiKey: 'sk-x' }, google: none, composio: none };
const sandbox = { template: 'shmastra', idleSeconds: 600, provisionConcurrency: 3, defaultModel: 'openai/gpt-5-mini' };

it('tells who answers for each provider', () => {
  const states = providerStates({ providers, demoModelUrl: 'http://127.0.0.1:9' });
  expect(states.map(({ name, state }) => [name, state])).toEqual([
    ['openai', 'demo'],
    ['anthropic', 'key'],
    ['google', 'demo'],
  ]);
  expect(providerStates({ providers, demoModelUrl: undefined })[0]?.state).toBe('none');
});

it('marks the demo only where the first model is one', () => {
  const demoModelUrl = 'http://127.0.0.1:9';
  expect(usesDemoModel({ providers, sandbox, demoModelUrl })).toBe(true);
  expect(usesDemoModel({ providers, sandbox, demoModelUrl: undefined })).toBe(false);
  const anthropic = { ...sandbox, defaultModel: 'anthropic/claude-sonnet-4-5' };
  expect(usesDemoModel({ providers, sandbox: anthropic, demoModelUrl })).toBe(false);
});
