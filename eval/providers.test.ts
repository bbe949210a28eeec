import { expect, test } from 'vitest';
import { chooseProvider } from './providers.ts';

const none = { ANTHROPIC_API_KEY: '', OPENAI_API_KEY: '', GOOGLE_GENERATIVE_AI_API_KEY: '' };

test('without a key the demo model plays, and nothing of the environment reaches the box', () => {
  expect(chooseProvider({}, {})).toEqual({ settings: none, model: null });
});

test('a key in the environment is used with the default models', () => {
  expect(chooseProvider({}, { OPENAI_API_KEY: 'a' })).toEqual({
    settings: { ...none, OPENAI_API_KEY: 'a' },
    model: 'the default models',
  });
});

test('a model takes the key of its provider alone, and stands for every tier', () => {
  const { settings, model } = chooseProvider(
    { model: 'openai/gpt-5.4' },
    { OPENAI_API_KEY: 'a', ANTHROPIC_API_KEY: 'b' },
  );
  expect(model).toBe('openai/gpt-5.4');
  expect(settings).toMatchObject({ ...none, OPENAI_API_KEY: 'a', MODELS_BEST: model, DEFAULT_MODEL: model });
});

test('a key may be in a variable of any name', () => {
  const asked = { model: 'anthropic/claude-sonnet-5', providerKey: 'EVAL_KEY' };
  expect(chooseProvider(asked, { EVAL_KEY: 'k', ANTHROPIC_API_KEY: 'other' }).settings.ANTHROPIC_API_KEY).toBe('k');
  expect(chooseProvider({ providerKey: 'MY_OPENAI_KEY' }, { MY_OPENAI_KEY: 'k' }).settings.OPENAI_API_KEY).toBe('k');
});

test.each([
  [{ providerKey: 'GONE' }, {}, 'GONE is not set'],
  [{ providerKey: 'EVAL_KEY' }, { EVAL_KEY: 'k' }, 'say with --model'],
  [{ model: 'openai/gpt-5.4' }, { ANTHROPIC_API_KEY: 'b' }, 'set OPENAI_API_KEY'],
  [{ model: 'gpt-5.4' }, { OPENAI_API_KEY: 'a' }, '--model is <provider>/<model>'],
])('%o with %o says what is missing', (asked, env, told) => {
  expect(() => chooseProvider(asked, env)).toThrow(told);
});
