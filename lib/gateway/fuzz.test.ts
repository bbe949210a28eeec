import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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
  const before = memory();
  await fc.assert(callsAreSafe, options);
  const after = memory();
  expect(after.live - before.live).toBeLessThan(20);
  // What V8 has not collected yet is in it: that depends on how much memory the machine has free.
  expect(after.resident - before.resident).toBeLessThan(400);
});

/** What is in use, and what the process takes. MB. */
function memory(): { live: number; resident: number } {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { live: (heapUsed + external) / 1024 ** 2, resident: rss / 1024 ** 2 };
}
