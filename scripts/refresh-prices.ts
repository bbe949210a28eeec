/**
 * Makes the vendored price tables anew: `node scripts/refresh-prices.ts <file> [--source <text>] [--date <YYYY-MM-DD>]`.
 * The file is a price list in LiteLLM's form (`model_prices_and_context_window.json`), which has to be there already:
 * nothing is downloaded. What it does not have (searches, tiers of service) stays as it is in the tables.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { PRICE_TABLES } from '../lib/usage/prices/tables.ts';
import { tablesFromPriceList } from './prices/price-list.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { source: { type: 'string' }, date: { type: 'string' } },
});
const [file] = positionals;
if (file === undefined) {
  console.error('Name the price list: npm run prices:refresh -- <file> [--source <text>] [--date <YYYY-MM-DD>]');
  process.exit(1);
}
const list: unknown = JSON.parse(await readFile(file, 'utf8'));
const date = z.iso.date().parse(values.date ?? new Date().toISOString().slice(0, 10));
const source = values.source ?? 'Made by scripts/refresh-prices.ts from a price list in the form of LiteLLM.';
const { tables, left } = tablesFromPriceList(list, PRICE_TABLES, { source, date });
for (const [provider, table] of Object.entries(tables)) {
  const path = new URL(`../lib/usage/prices/${provider}.json`, import.meta.url);
  await writeFile(path, `${JSON.stringify(table, null, 2)}\n`);
  console.log(`${provider}: ${Object.keys(table.models).length} models`);
}
console.log(`${left} entries of other providers or without a price per token were left out. Run: npm run format`);
