import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as properties from './testing/fuzz/properties.ts';

/** How many cases in all. `npm run test:fuzz` sets it to 200,000; between two changes some hundreds will do. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 600);
const { callsAreSafe, ...pure } = properties;
const EACH = Math.ceil(CASES / 5);
const options = { numRuns: EACH, ...(process.env['FUZZ_SEED'] ? { seed: Number(process.env['FUZZ_SEED']) } : {}) };
const PATIENCE_MS = 30_000 + EACH * 20;

test.each(Object.entries(pure))('%s', { timeout: PATIENCE_MS }, (_name, property) => {
  expect(() => fc.assert(property as fc.IProperty<unknown>, options)).not.toThrow();
});

test('callsAreSafe, in memory that does not grow', { timeout: PATIENCE_MS }, async () => {
  await fc.assert(callsAreSafe, { ...options, numRuns: Math.min(EACH, 500) });
  const before = process.memoryUsage().rss;
  await fc.assert(callsAreSafe, options);
  expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(200);
});
