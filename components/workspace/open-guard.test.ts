import { expect, it } from 'vitest';

import { mayOpen, readOpens } from './open-guard.ts';

it('opens, and stops when it goes in circles', () => {
  let opens: number[] = [];
  const allowed: boolean[] = [];
  for (const now of [1_000, 2_000, 3_000, 4_000]) {
    const answer = mayOpen(opens, now);
    opens = answer.opens;
    allowed.push(answer.allowed);
  }
  expect(allowed).toEqual([true, true, true, false]);
  expect(mayOpen(opens, 40_000).allowed).toBe(true);
});

it('reads only what it wrote', () => {
  expect(readOpens('[1,2]')).toEqual([1, 2]);
  expect(readOpens('{"a":1}')).toEqual([]);
  expect(readOpens('nonsense')).toEqual([]);
  expect(readOpens(null)).toEqual([]);
});
