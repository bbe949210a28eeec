import { expect, it } from 'vitest';
import { soak } from './soak.ts';
import { verdict } from './verdict.ts';

it('keeps every promise in a short soak', { timeout: 300_000 }, async () => {
  const result = await soak({ seconds: 45, seed: 20, sandboxes: 8, workers: 3, say: () => {} });
  const { ok, lines } = verdict(result);
  expect(ok ? [] : lines).toEqual([]);
  // It would be worth nothing if little had been done.
  for (const operation of ['create', 'exec', 'pause', 'resume', 'kill', 'check of all files']) {
    expect(result.operations[operation]?.['ok'] ?? 0, operation).toBeGreaterThan(2);
  }
  for (const blow of ['kill -9', 'power cut', 'SIGTERM']) {
    expect(result.operations[`the engine's end by ${blow}`]?.['up again'] ?? 0, blow).toBeGreaterThan(0);
  }
  expect(result.census.last).toBeDefined();
});
