import { expect, it } from 'vitest';
import { bytes, duration, fields, table } from './format.ts';

it('writes sizes as people read them', () => {
  expect([null, 0, 999, 1000, 1536, 20 * 2 ** 20, 1.4 * 2 ** 30].map(bytes)).toEqual([
    ...['-', '0B', '999B', '1.0K', '1.5K', '20M', '1.4G'],
  ]);
});

it('writes durations in one unit', () => {
  expect([-5, 3000, 119_000, 150_000, 3 * 3600_000, 9 * 86_400_000].map(duration)).toEqual([
    ...['0s', '3s', '119s', '2m', '3h', '9d'],
  ]);
});

it('aligns columns', () => {
  expect(table(['ID', 'STATE'], [['i1', 'running']])).toBe('ID  STATE\ni1  running');
  expect(
    fields([
      ['a', '1'],
      ['long', '2'],
    ]),
  ).toBe('a:    1\nlong: 2');
});
