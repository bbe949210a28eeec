import { expect, it } from 'vitest';
import type { SoakResult } from './soak.ts';
import { verdict } from './verdict.ts';

const kept: SoakResult = {
  seed: 7,
  seconds: 60,
  operations: { exec: { ok: 3 } },
  refusals: { seen: 2, without: 0 },
  census: { first: undefined, last: undefined, worst: {} },
  failures: [],
};

it('is that every promise was kept', () => {
  expect(verdict(kept)).toMatchObject({ ok: true });
  expect(verdict(kept).lines.at(-1)).toMatch(/^KEPT: 60 s, seed 7/);
});

it('names what was broken, with the history and the seed to repeat it', () => {
  const failures = [{ message: 'f1 is missing', subject: '#1 iabc', history: ['create: ok', 'power cut'] }];
  const { ok, lines } = verdict({ ...kept, failures });
  expect(ok).toBe(false);
  expect(lines.join('\n')).toMatch(/#1 iabc: f1 is missing\n +create: ok\n +power cut\n.*--seed 7$/);
});

it('does not accept a refusal that does not say when to come again', () => {
  expect(verdict({ ...kept, refusals: { seen: 2, without: 1 } }).ok).toBe(false);
});
