import * as z from 'zod/mini';
import { catch as orElse } from 'zod/mini';

const rate = z.number().check(z.gte(0));
const rates = { input: rate, cachedInput: rate, cacheWrite: rate, output: rate, reasoning: rate };
const price = z.object({
  ...rates,
  /** The rates of a call that reads more than `aboveTokens`. */
  long: z.optional(z.object({ ...rates, aboveTokens: z.number() })),
});

/**
 * Micro-dollars per million tokens, by `<provider>/<model>`; what is missing is not known. An older control plane names
 * none, and models are of use without their prices.
 */
export const pricesSchema = orElse(z.record(z.string(), price), {});
export type Prices = z.infer<typeof pricesSchema>;

const tokens = z.optional(z.number());
const stepSchema = z.object({
  finishReason: z.optional(z.string()),
  usage: z.object({
    inputTokens: tokens,
    cachedInputTokens: tokens,
    cacheCreationInputTokens: tokens,
    outputTokens: tokens,
    reasoningTokens: tokens,
  }),
  // The model that has answered; a step's own `model` is the first of the list, even after a fall-back.
  response: z.object({ modelMetadata: z.object({ modelProvider: z.string(), modelId: z.string() }) }),
});

/** What the model call of a step has cost, in whole micro-dollars; null when that is not known. */
export function stepCost(step: unknown, prices: Prices): number | null {
  const parsed = stepSchema.safeParse(step);
  if (!parsed.success) return null;
  const { finishReason, usage, response } = parsed.data;
  // A call that failed and is made once more has used nothing.
  if (finishReason === 'retry' && usage.inputTokens === undefined) return 0;
  const { modelProvider, modelId } = response.modelMetadata;
  const found = prices[`${modelProvider}/${modelId}`];
  const { inputTokens, outputTokens } = usage;
  if (found === undefined || inputTokens === undefined || outputTokens === undefined) return null;
  const { cachedInputTokens = 0, cacheCreationInputTokens = 0, reasoningTokens = 0 } = usage;
  const { long } = found;
  const rates = long !== undefined && inputTokens > long.aboveTokens ? long : found;
  // Those are parts of the whole, of which the rest has the plain price.
  const perMillion =
    Math.max(0, inputTokens - cachedInputTokens - cacheCreationInputTokens) * rates.input +
    cachedInputTokens * rates.cachedInput +
    cacheCreationInputTokens * rates.cacheWrite +
    Math.max(0, outputTokens - reasoningTokens) * rates.output +
    reasoningTokens * rates.reasoning;
  return Math.ceil(perMillion / 1_000_000 - 1e-6);
}
