import { expect, test } from 'vitest';
import { clampWidth, widthAfterKey, widthAt } from './placement.ts';

test('keeps the width between 360 and 720, and something of the page', () => {
  expect(clampWidth(100, 1600)).toBe(360);
  expect(clampWidth(5000, 1600)).toBe(720);
  expect(clampWidth(700, 700)).toBe(620);
  expect(clampWidth(Number.NaN, 1600)).toBe(420);
});

test('follows the pointer from either side', () => {
  expect(widthAt(1100, 'right', 1600)).toBe(500);
  expect(widthAt(500, 'left', 1600)).toBe(500);
});

test('moves the edge by keys, towards where the arrow points', () => {
  expect(widthAfterKey('ArrowLeft', false, 'right', 420, 1600)).toBe(436);
  expect(widthAfterKey('ArrowRight', false, 'right', 420, 1600)).toBe(404);
  expect(widthAfterKey('ArrowRight', true, 'left', 420, 1600)).toBe(484);
  expect(widthAfterKey('Home', false, 'right', 500, 1600)).toBe(360);
  expect(widthAfterKey('End', false, 'right', 500, 1600)).toBe(720);
  expect(widthAfterKey('a', false, 'right', 500, 1600)).toBeNull();
});
