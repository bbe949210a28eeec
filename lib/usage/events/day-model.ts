import { PRICE_TABLES } from '../prices/tables.ts';
import type { PriceOverrides } from '../prices/schema.ts';
import type { UsageEvent } from './event.ts';

/** In the sums per day: models that no price list names, in calls that cost nothing. */
export const OTHER_MODELS = 'other';

/**
 * The name under which a call is summed up. Callers can invent names without end, also such as a dated name of a known
 * model; each would be a row for ever, and a report of them long. One that costs nothing has to be in a price list.
 */
export function dayModel({ provider, model, cost }: UsageEvent, overrides: PriceOverrides): string {
  if (cost > 0 || model === '') return model;
  const isListed =
    Object.hasOwn(overrides, `${provider}/${model}`) || Object.hasOwn(PRICE_TABLES[provider]?.models ?? {}, model);
  return isListed ? model : OTHER_MODELS;
}
