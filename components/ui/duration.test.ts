import { expect, it } from 'vitest';

import { formatDuration, formatStepDuration } from './duration.ts';

it.each([
  [-5, '0 s'],
  [0, '0 s'],
  [8_400, '8 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [80_000, '1 min 20 s'],
  [3_600_000, '1 h'],
  [3_900_000, '1 h 5 min'],
])('%d ms is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

it.each([
  [0, '0.0 s'],
  [340, '0.3 s'],
  [9_940, '9.9 s'],
  [9_960, '10 s'],
  [12_000, '12 s'],
])('a step of %d ms is %s', (milliseconds, text) => expect(formatStepDuration(milliseconds)).toBe(text));
