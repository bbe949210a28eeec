import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { SettingsError } from './errors.ts';
import { loadSettings } from './settings.ts';

const minimal = {
  DATABASE_URL: 'postgres://me:hunter2@127.0.0.1/db',
  AUTH_SECRET: 's'.repeat(32),
  DEPLOYMENT_ID: 'deployment',
  E2B_API_KEY: 'e2b_abcdef',
};

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

it('has a default for everything that can have one', () => {
  const settings = loadSettings({ ...minimal, PORT: '4000', OPENAI_API_KEY: '' });
  expect(settings).toMatchObject({
    port: 4000,
    host: '127.0.0.1',
    publicUrl: 'http://localhost:4000',
    sandboxControlUrl: 'http://localhost:4000',
    sandbox: { template: 'shmastra', idleSeconds: 600, provisionConcurrency: 3 },
    providers: { openai: { apiKey: undefined } },
  });
});

it('reads addresses', () => {
  const settings = loadSettings({
    ...minimal,
    CONTROL_LISTEN: '10.0.0.1:3001',
    SANDBOX_UPSTREAM: 'http://127.0.0.1:4000/',
  });
  expect(settings.controlListen).toEqual({ host: '10.0.0.1', port: 3001 });
  expect(settings.sandboxUpstream).toBe('http://127.0.0.1:4000');
});

it('lists all problems at once, and none of the values', () => {
  const problems = problemsOf({
    DATABASE_URL: 'mysql://me:hunter2@host/db',
    AUTH_SECRET: 'tooshortsecret',
    PORT: '99999',
    PUBLIC_URL: 'http://example.com/path',
    HOST: '0.0.0.0',
    PROVISION_CONCURRENCY: 'many',
  });
  const named = new Set(problems.map((problem) => problem.split(': ')[0]));
  expect(named).toEqual(
    new Set([
      'DATABASE_URL',
      'AUTH_SECRET',
      'DEPLOYMENT_ID',
      'PORT',
      'PUBLIC_URL',
      'HOST',
      'E2B_API_KEY',
      'PROVISION_CONCURRENCY',
    ]),
  );
  expect(problems.join('\n')).not.toMatch(/hunter2|tooshortsecret/);
});

it('does not go on the network without TLS unless told to', () => {
  expect(problemsOf({ ...minimal, HOST: '0.0.0.0' })).toHaveLength(1);
  expect(problemsOf({ ...minimal, HOST: '0.0.0.0', PUBLIC_URL: 'https://studio.example.com' })).toEqual([]);
  expect(problemsOf({ ...minimal, HOST: '0.0.0.0', ALLOW_PLAIN_HTTP: 'true' })).toEqual([]);
});

it('prints no secret', () => {
  const settings = loadSettings({ ...minimal, OPENAI_API_KEY: 'sk-real' });
  for (const text of [JSON.stringify(settings), inspect(settings, { depth: 9 }), JSON.stringify({ settings })]) {
    expect(text).not.toMatch(/hunter2|sssss|e2b_abcdef|sk-real/);
    expect(text).toContain('[secret]');
  }
});

it('reads the models of a tier and refuses what the gateway has no way to', () => {
  const settings = loadSettings({
    ...minimal,
    MODELS_BEST: 'anthropic/claude-opus-5, openai/gpt-5.5',
    MODELS_FAST: '',
  });
  expect(settings.models).toEqual({ best: ['anthropic/claude-opus-5', 'openai/gpt-5.5'] });
  for (const wrong of ['mistral/large', 'gpt-5.5', 'openai/gpt-5.5,', 'composio/x', 'openai/a b']) {
    expect(problemsOf({ ...minimal, MODELS_FAST: wrong })).toEqual([expect.stringMatching(/^MODELS_FAST: must be/)]);
  }
});

it('keeps the domain of apps apart from the control plane', () => {
  const ofApps = (APPS_DOMAIN: string, PUBLIC_URL = 'https://studio.example.com') =>
    problemsOf({ ...minimal, APPS_DOMAIN, PUBLIC_URL }).map((problem) => problem.split(':')[0]);
  for (const fine of ['apps.example.com', 'apps.studio.example.com', 'Example-Apps.net'])
    expect(ofApps(fine)).toEqual([]);
  for (const wrong of [
    'studio.example.com',
    'example.com',
    'https://apps.example.com',
    'apps.example.com:8443',
    '-x.com',
  ]) {
    expect(ofApps(wrong)).toEqual(['APPS_DOMAIN']);
  }
  expect(problemsOf({ ...minimal, APPS_DOMAIN: 'localhost' })).toHaveLength(1);
});
