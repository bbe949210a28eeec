import { z } from 'zod';

const dollars = z.number().min(0).max(1_000_000);
const tokens = z.number().int().min(0).max(100_000_000);

const rates = {
  input: dollars,
  cachedInput: dollars.optional(),
  /** Writing to a cache that lives for minutes, and for an hour. */
  cacheWrite: dollars.optional(),
  cacheWriteLong: dollars.optional(),
  output: dollars,
};

/** The price of a model as people read and write it: USD per million tokens, or per piece where it says so. */
export const modelPriceSchema = z.strictObject({
  ...rates,
  reasoning: dollars.optional(),
  audioInput: dollars.optional(),
  audioOutput: dollars.optional(),
  imageInput: dollars.optional(),
  imageOutput: dollars.optional(),
  /** USD for one image, of models that do not bill images by tokens. */
  perImage: dollars.optional(),
  perAudioMinute: dollars.optional(),
  /** USD for one search of the provider's own. */
  perSearch: dollars.optional(),
  contextTokens: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  /** Another price for the whole call once its input is longer than this. */
  long: z.strictObject({ ...rates, aboveTokens: tokens }).optional(),
  /** Of reservations: bytes of a request for each token. Models that bill by the letter have 1. */
  bytesPerToken: z.number().min(1).max(8).optional(),
  /** So dear that it says nothing about models that are not in the table. */
  exceptional: z.boolean().optional(),
});
export type ModelPrice = z.output<typeof modelPriceSchema>;

/** One provider's table: `lib/usage/prices/<provider>.json`. */
export const priceTableSchema = z.strictObject({
  source: z.string(),
  date: z.iso.date(),
  unit: z.literal('USD per million tokens'),
  /** For models that name none of their own. */
  perSearch: dollars.optional(),
  /** What a tier of service costs, as a multiple of the plain price. */
  tiers: z.record(z.string(), z.number().min(0).max(20)).optional(),
  models: z.record(z.string(), modelPriceSchema),
});
export type PriceTable = z.output<typeof priceTableSchema>;

/** Overrides of the settings, by `<provider>/<model>`. */
export const priceOverridesSchema = z.record(
  z.string().regex(/^[\w.-]+\/[\w.:@/-]+$/, 'must be <provider>/<model>'),
  modelPriceSchema,
);
export type PriceOverrides = z.output<typeof priceOverridesSchema>;
