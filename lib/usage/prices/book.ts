import { completePrice, dearest, type Price } from './rates.ts';
import type { PriceOverrides, PriceTable } from './schema.ts';
import { PRICE_TABLES } from './tables.ts';

export type PricedBy = 'table' | 'override' | 'rule' | 'free';
export type Priced = { price: Price; by: PricedBy };

/** What is done about a model without a price: bill it like the dearest of its provider, or refuse it. */
export type UnknownModelRule = 'dearest' | 'refuse';

export type PriceBook = {
  /** Null only under the rule `refuse`. */
  find(provider: string, model: string | null): Priced | null;
  /** What the tier costs as a multiple of the plain price. */
  tier(provider: string, name: string | undefined): number;
};

export type PriceBookOptions = {
  tables?: Record<string, PriceTable>;
  overrides?: PriceOverrides;
  unknown?: UnknownModelRule;
};

/** Prices by provider and model: overrides of the settings first, then the vendored tables, then the rule. */
export function createPriceBook(options: PriceBookOptions = {}): PriceBook {
  const { tables = PRICE_TABLES, overrides = {}, unknown = 'dearest' } = options;
  const known = new Map<string, Priced>();
  const rules = new Map<string, Price>();
  for (const [provider, table] of Object.entries(tables)) {
    const models = Object.entries(table.models);
    for (const [model, given] of models) {
      known.set(`${provider}/${model}`, { price: completePrice(given, table.perSearch), by: 'table' });
    }
    const ordinary = models.filter(([, given]) => !given.exceptional);
    rules.set(provider, dearest(ordinary.map(([, given]) => completePrice(given, table.perSearch))));
  }
  for (const [name, given] of Object.entries(overrides)) {
    const provider = name.slice(0, name.indexOf('/'));
    known.set(name, { price: completePrice(given, tables[provider]?.perSearch), by: 'override' });
  }
  // A provider without a table of its own: the dearest of all that are known.
  const anybody = dearest([...rules.values()]);

  function find(provider: string, model: string | null): Priced | null {
    for (const name of model === null ? [] : namesOf(model)) {
      const found = known.get(`${provider}/${name}`);
      if (found) return found;
    }
    if (unknown === 'refuse') return null;
    return { price: rules.get(provider) ?? anybody, by: 'rule' };
  }

  return {
    // The plain name first: most are just that.
    find: (provider, model) => known.get(`${provider}/${model}`) ?? find(provider, model),
    tier: (provider, name) => (name === undefined ? 1 : (tables[provider]?.tiers?.[name] ?? 1)),
  };
}

/** A dated name is the plain one's: `claude-sonnet-4-5-20250929`, `gpt-5-2025-08-07`, `gemini-2.5-flash-preview-05-20`. */
function namesOf(model: string): string[] {
  const name = model.replace(/^models\//, '');
  const undated = name.replace(/(?:-latest|-\d{8}|-\d{4}-\d{2}-\d{2}|-0|@\d{8}|-\d{3})$/, '');
  const unstaged = name.replace(/-preview-\d{2}-(?:\d{4}|\d{2})$/, '');
  return [...new Set([name, undated, unstaged])];
}
