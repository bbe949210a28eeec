import { expect, test } from 'vitest';
import { diffLines } from './diff.ts';
import { ago, bytesText, cost, dayName, duration, secondsUntil, shortDuration } from './time.ts';

const now = new Date(2026, 4, 13, 10, 0);

test('says times and sizes in a few characters', () => {
  expect([duration(4200), duration(80_000), duration(120_000)]).toEqual(['4 s', '1 min 20 s', '2 min']);
  expect([shortDuration(92.4), shortDuration(1430), shortDuration(12_000)]).toEqual(['92 ms', '1.4 s', '12 s']);
  expect([cost(31_200), cost(900), cost(0)]).toEqual(['$0.03', '< $0.01', '$0.00']);
  expect([bytesText(5), bytesText(20_400), bytesText(1_200_000)]).toEqual(['5 B', '20 kB', '1.2 MB']);
});

test('names days as people do', () => {
  expect(dayName(new Date(2026, 4, 13, 1), now)).toBe('Today');
  expect(dayName(new Date(2026, 4, 12, 23), now)).toBe('Yesterday');
  expect(dayName(new Date(2026, 3, 2), now)).toBe('2 April');
  expect(dayName(new Date(2025, 3, 2), now)).toBe('2 April 2025');
  expect(ago(new Date(2026, 4, 13, 9, 55), now)).toBe('5 min ago');
});

test('counts down to nothing, never below', () => {
  expect(secondsUntil(new Date(now.getTime() + 41_500).toISOString(), now.getTime())).toBe(42);
  expect(secondsUntil('2020-01-01', now.getTime())).toBe(0);
  expect(secondsUntil('soon', now.getTime())).toBe(0);
});

test('numbers the lines of a diff by the new file', () => {
  const lines = diffLines('--- a/x\n+++ b/x\n@@ -1,3 +10,3 @@\n same\n-old\n+new\n\\ No newline at end of file\n');
  expect(lines.map((line) => [line.kind, line.line])).toEqual([
    ['hunk', null],
    ['same', 10],
    ['delete', null],
    ['add', 11],
  ]);
});
