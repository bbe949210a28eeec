import type { PriceBook } from '../usage/prices/book.ts';
import type { Price, Rates } from '../usage/prices/rates.ts';

/** What text costs, of all that a price knows: integer micro-dollars per million tokens. */
export type OfferedRates = Pick<Rates, 'input' | 'cachedInput' | 'cacheWrite' | 'output' | 'reasoning'>;

export type OfferedPrice = OfferedRates & {
  /** The rates of a call that reads more than `aboveTokens`. */
  long?: OfferedRates & { aboveTokens: number };
};

/**
 * Prices of models by `<provider>/<model>`. One that only the rule for unknown models prices is left out: that is what a
 * call is billed at most, not what it costs.
 */
export function offeredPrices(models: Iterable<string>, book: PriceBook): Record<string, OfferedPrice> {
  const prices: Record<string, OfferedPrice> = {};
  for (const name of models) {
    const slash = name.indexOf('/');
    const found = book.find(name.slice(0, slash), name.slice(slash + 1));
    if (found !== null && found.by !== 'rule') prices[name] = offered(found.price);
  }
  return prices;
}

function offered(price: Price): OfferedPrice {
  const { long, longAbove } = price;
  return { ...ratesOf(price), ...(long === null ? {} : { long: { ...ratesOf(long), aboveTokens: longAbove } }) };
}

const ratesOf = ({ input, cachedInput, cacheWrite, output, reasoning }: Rates): OfferedRates => ({
  input,
  cachedInput,
  cacheWrite,
  output,
  reasoning,
});
