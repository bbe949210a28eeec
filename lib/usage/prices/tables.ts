import anthropic from './anthropic.json' with { type: 'json' };
import google from './google.json' with { type: 'json' };
import openai from './openai.json' with { type: 'json' };
import { type PriceTable, priceTableSchema } from './schema.ts';

/** The vendored price tables. Each says where it comes from and of which day it is. */
export const PRICE_TABLES: Record<string, PriceTable> = {
  openai: priceTableSchema.parse(openai),
  anthropic: priceTableSchema.parse(anthropic),
  google: priceTableSchema.parse(google),
};
