import { z } from 'zod';
import { type ModelPrice, modelPriceSchema, type PriceTable } from '../../lib/usage/prices/schema.ts';

const cost = z.number().min(0).optional();
const tokens = z.union([z.number(), z.string()]).optional();

/** One model of a price list in LiteLLM's form; costs are in dollars per token. What else is in it is not looked at. */
const entrySchema = z.object({
  litellm_provider: z.string(),
  input_cost_per_token: cost,
  output_cost_per_token: cost,
  cache_read_input_token_cost: cost,
  cache_creation_input_token_cost: cost,
  cache_creation_input_token_cost_above_1hr: cost,
  output_cost_per_reasoning_token: cost,
  input_cost_per_audio_token: cost,
  output_cost_per_audio_token: cost,
  input_cost_per_image_token: cost,
  output_cost_per_image_token: cost,
  output_cost_per_image: cost,
  input_cost_per_second: cost,
  input_cost_per_character: cost,
  max_input_tokens: tokens,
  max_output_tokens: tokens,
});
type Entry = z.output<typeof entrySchema>;

/** How the list names those that have a table here. */
const PROVIDERS: Record<string, string> = { openai: 'openai', anthropic: 'anthropic', gemini: 'google' };
/** Thresholds of long inputs, as they stand in the names of fields. */
const LONG = /^input_cost_per_token_above_(\d+)k_tokens$/;

export type Refreshed = { tables: Record<string, PriceTable>; left: number };

/** Tables from a price list. A provider that the list does not have keeps its table. */
export function tablesFromPriceList(
  list: unknown,
  old: Record<string, PriceTable>,
  { source, date }: { source: string; date: string },
): Refreshed {
  const models: Record<string, Record<string, ModelPrice>> = {};
  let left = 0;
  for (const [name, value] of Object.entries(z.record(z.string(), z.unknown()).parse(list))) {
    const entry = entrySchema.safeParse(value);
    const provider = entry.success ? PROVIDERS[entry.data.litellm_provider] : undefined;
    const price = entry.success && provider !== undefined ? priceOf(entry.data, value) : null;
    if (provider === undefined || price === null) {
      left += 1;
      continue;
    }
    const plain = name.replace(/^(?:openai|anthropic|gemini)\//, '');
    // Names with a slash left are sizes of images and the like.
    if (!plain.includes('/')) (models[provider] ??= {})[plain] = price;
  }
  const tables: Record<string, PriceTable> = {};
  for (const [provider, found] of Object.entries(models)) {
    const before = old[provider];
    const { perSearch, tiers } = before ?? {};
    for (const [name, price] of Object.entries(found)) {
      if (before?.models[name]?.exceptional) price.exceptional = true;
    }
    tables[provider] = {
      source,
      date,
      unit: 'USD per million tokens',
      ...(perSearch === undefined ? {} : { perSearch }),
      ...(tiers === undefined ? {} : { tiers }),
      models: found,
    };
  }
  return { tables, left };
}

function priceOf(entry: Entry, raw: unknown): ModelPrice | null {
  const characters = entry.input_cost_per_character;
  const input = entry.input_cost_per_token ?? characters;
  const perImage = entry.output_cost_per_image;
  const perMinute = entry.input_cost_per_second === undefined ? undefined : entry.input_cost_per_second * 60;
  if (input === undefined && perImage === undefined && perMinute === undefined) return null;
  return modelPriceSchema.parse(
    withoutGaps({
      input: perMillion(input) ?? 0,
      output: perMillion(entry.output_cost_per_token) ?? 0,
      cachedInput: perMillion(entry.cache_read_input_token_cost),
      cacheWrite: perMillion(entry.cache_creation_input_token_cost),
      cacheWriteLong: perMillion(entry.cache_creation_input_token_cost_above_1hr),
      reasoning: perMillion(entry.output_cost_per_reasoning_token),
      audioInput: perMillion(entry.input_cost_per_audio_token),
      audioOutput: perMillion(entry.output_cost_per_audio_token),
      imageInput: perMillion(entry.input_cost_per_image_token),
      imageOutput: perMillion(entry.output_cost_per_image_token),
      perImage,
      perAudioMinute: perMinute === undefined ? undefined : rounded(perMinute),
      contextTokens: wholeNumber(entry.max_input_tokens),
      maxOutputTokens: wholeNumber(entry.max_output_tokens),
      bytesPerToken: characters === undefined ? undefined : 1,
      long: longOf(raw),
    }),
  );
}

/** The price above a threshold, whose number is in the names: `input_cost_per_token_above_200k_tokens`. */
function longOf(raw: unknown): ModelPrice['long'] {
  const fields = z.record(z.string(), z.unknown()).parse(raw);
  const field = Object.keys(fields).find((name) => LONG.test(name));
  const thousands = field === undefined ? undefined : LONG.exec(field)?.[1];
  if (thousands === undefined) return undefined;
  const above = (name: string) =>
    perMillion(z.number().optional().catch(undefined).parse(fields[`${name}_above_${thousands}k_tokens`]));
  const input = above('input_cost_per_token');
  const output = above('output_cost_per_token');
  if (input === undefined || output === undefined) return undefined;
  return withoutGaps({
    aboveTokens: Number(thousands) * 1_000,
    input,
    output,
    cachedInput: above('cache_read_input_token_cost'),
    cacheWrite: above('cache_creation_input_token_cost'),
  });
}

function perMillion(dollars: number | undefined): number | undefined {
  return dollars === undefined ? undefined : rounded(dollars * 1_000_000);
}

/** To a millionth of a dollar, which is what is charged in. */
function rounded(dollars: number): number {
  return Math.round(dollars * 1e6) / 1e6;
}

function wholeNumber(value: number | string | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function withoutGaps<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
