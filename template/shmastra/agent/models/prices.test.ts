import { expect, test } from 'vitest';
import { stepCost } from './prices.ts';

const rates = {
  input: 2_000_000,
  cachedInput: 200_000,
  cacheWrite: 2_500_000,
  output: 10_000_000,
  reasoning: 5_000_000,
};
const prices = { 'a/one': { ...rates, long: { ...rates, input: 4_000_000, aboveTokens: 1000 } } };
const step = (usage: object, modelId = 'one', finishReason = 'stop') => ({
  finishReason,
  usage,
  response: { modelMetadata: { modelProvider: 'a', modelId } },
});

test('prices each kind of token apart, in whole micro-dollars', () => {
  expect(stepCost(step({ inputTokens: 100, outputTokens: 10 }), prices)).toBe(300);
  const cached = { inputTokens: 100, cachedInputTokens: 50, cacheCreationInputTokens: 20 };
  expect(stepCost(step({ ...cached, outputTokens: 10, reasoningTokens: 4 }), prices)).toBe(60 + 10 + 50 + 60 + 20);
  expect(stepCost(step({ inputTokens: 1, cachedInputTokens: 1, outputTokens: 0 }), prices)).toBe(1);
});

test('has another price for long inputs', () => {
  expect(stepCost(step({ inputTokens: 1000, outputTokens: 0 }), prices)).toBe(2000);
  expect(stepCost(step({ inputTokens: 1001, outputTokens: 0 }), prices)).toBe(4004);
});

test('does not know what a model without a price costs, nor a call that reports no usage', () => {
  expect(stepCost(step({ inputTokens: 100, outputTokens: 10 }, 'other'), prices)).toBeNull();
  expect(stepCost(step({}), prices)).toBeNull();
  expect(stepCost({}, prices)).toBeNull();
});

test('counts nothing for a call that failed and is made once more', () => {
  expect(stepCost(step({}, 'one', 'retry'), prices)).toBe(0);
});
